import { Injectable } from '@nestjs/common';
import { isTimedId, messageStatus } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import { invalid, notFound, toPage, type Page } from '../../platform/http/index.js';
import {
  MessageMoves,
  Messages,
  Sandbox,
  type MessageContent,
  type MessageRecipient,
} from '../delivery/index.js';
import { Senders } from '../lists/index.js';
import { People } from '../subscribers/index.js';
import { Templates } from '../templates/index.js';
import { contentOf } from './email-content.js';
import { EmailsRepository, type MessageRow } from './emails.repository.js';
import type {
  AcceptedEmail,
  CancelledEmail,
  EmailSearch,
  ResentEmail,
  EmailSummary,
  EmailView,
  NewEmail,
} from './emails.schemas.js';
import { roles, type Recipient, type Role } from './recipients.js';

/** The language of a template for a recipient of whom nothing is known. */
const DEFAULT_LOCALE = 'en';

@Injectable()
export class Emails {
  constructor(
    private readonly messages: Messages,
    private readonly moves: MessageMoves,
    private readonly people: People,
    private readonly senders: Senders,
    private readonly templates: Templates,
    private readonly repository: EmailsRepository,
    private readonly sandbox: Sandbox,
  ) {}

  /** The content of a mail, ready to be accepted. Slow (MJML), so it is made before the transaction. @throws 422 */
  async prepare(mail: NewEmail): Promise<MessageContent> {
    if (mail.template !== undefined)
      await this.messages.makeReady(mail.template, mail.locale ?? DEFAULT_LOCALE);
    return contentOf(mail, this.templates);
  }

  /** Stores the mail in the caller's transaction. @throws 422 for an unknown template or sender, or a missing variable */
  async accept(work: Work, mail: NewEmail, content: MessageContent): Promise<AcceptedEmail> {
    const recipients = await this.recipients(work, mail);
    const { id } = await this.messages.accept(work, {
      stream: 'service',
      senderId: mail.sender === undefined ? undefined : await this.senderId(work, mail.sender),
      locale: mail.locale ?? recipients.find(({ locale }) => locale !== null)?.locale ?? DEFAULT_LOCALE,
      content,
      recipients,
      automatic: true,
      tags: mail.tags ?? [],
      scheduledAt: mail.scheduledAt,
      replyTo: mail.replyTo?.typed,
      headers: mail.headers,
      attachments: mail.attachments,
    });
    return { id, status: 'queued' };
  }

  /** @throws 404, 409 where it is too late */
  async cancel(work: Work, id: string): Promise<CancelledEmail> {
    return { id, ...(await this.moves.cancel(work, id)) };
  }

  /** @throws 404, 409 while it is open, or no longer kept */
  async resend(work: Work, id: string): Promise<ResentEmail> {
    const copy = await this.moves.resend(work, id);
    return { id: copy.id, status: 'queued', resendOf: id };
  }

  /** @throws 404 */
  async find(id: string): Promise<EmailView> {
    const message = isTimedId(id) ? await this.messages.find(id) : undefined;
    if (!message) throw notFound('email', id);
    const { deliveries } = message;
    return {
      ...summaryOf(message),
      resendOf: message.resendOf,
      resends: message.resends,
      deliveries: deliveries.map(({ attempts, ...delivery }) => ({
        ...delivery,
        attempts: attempts.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() })),
        dueAt: delivery.dueAt?.toISOString() ?? null,
        settledAt: delivery.settledAt?.toISOString() ?? null,
      })),
      history: message.history.map((event) => ({ ...event, at: event.at.toISOString() })),
    };
  }

  async search(search: EmailSearch): Promise<Page<EmailSummary>> {
    const rows = await this.repository.search(search);
    return toPage(rows, search.limit, ({ created_at, scheduled_at, ...row }: MessageRow) =>
      summaryOf({ ...row, createdAt: created_at, scheduledAt: scheduled_at }),
    );
  }

  /** In the order of addresses, so that two mails with the same people do not lock them crosswise. */
  private async recipients(
    work: Work,
    mail: NewEmail,
  ): Promise<(MessageRecipient & { locale: string | null })[]> {
    const wanted = roles.flatMap((role) => (mail[role] ?? []).map((recipient) => ({ role, recipient })));
    for (const { role, recipient } of wanted) this.sandbox.refuseUnknown(role, recipient.address);
    const found = new Map<string, { id: string; name: string | null; locale: string | null }>();
    for (const { recipient } of wanted.toSorted(byAddress)) {
      const { address, name } = recipient;
      found.set(
        address.canonical,
        await this.people.upsert(work.trx, { address, ...(name !== null && { name }) }),
      );
    }
    return wanted.map(({ role, recipient: { address, name } }) => {
      const person = found.get(address.canonical);
      return {
        role,
        address,
        name: name ?? person?.name ?? null,
        personId: person?.id ?? '',
        locale: person?.locale ?? null,
      };
    });
  }

  private async senderId(work: Work, slug: string): Promise<string> {
    const sender = await this.senders.bySlug(work.trx, slug);
    if (!sender) throw invalid('sender', `there is no sender "${slug}"`);
    return sender.id;
  }
}

function byAddress(a: { recipient: Recipient }, b: { recipient: Recipient }): number {
  return a.recipient.address.canonical < b.recipient.address.canonical ? -1 : 1;
}

type Summarised = Omit<MessageRow, 'created_at' | 'scheduled_at'> & {
  createdAt: Date;
  scheduledAt: Date | null;
};

function summaryOf({
  id,
  stream,
  subject,
  tags,
  createdAt,
  scheduledAt,
  deliveries,
}: Readonly<Summarised>): EmailSummary {
  const addresses = (role: Role) =>
    deliveries.filter((delivery) => delivery.role === role).map(({ address }) => address);
  return {
    id,
    status: messageStatus(deliveries.map(({ state }) => state)),
    stream,
    subject,
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    tags,
    createdAt: createdAt.toISOString(),
    scheduledAt: scheduledAt?.toISOString() ?? null,
  };
}
