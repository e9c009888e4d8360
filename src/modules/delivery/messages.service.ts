import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { invalid, invalidFields, requireSender } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Senders } from '../lists/index.js';
import { fillProblems, TemplateError, Templates } from '../templates/index.js';
import { Attachments } from './attachments/attachments.service.js';
import { Composer } from './composer.js';
import type { MessageRecipient, MessageView, NewMessage } from './delivery.types.js';
import type { SealedContent } from './mail-source.js';
import { MessagesRepository } from './messages.repository.js';

/** RFC 5321 allows 100 recipients; a mail to more than 50 is a blast and belongs in a campaign. */
const MAX_RECIPIENTS = 50;
/** In characters, as for a subject that comes without a template. */
const MAX_SUBJECT = 500;

@Injectable()
export class Messages {
  constructor(
    private readonly repository: MessagesRepository,
    private readonly templates: Templates,
    private readonly senders: Senders,
    private readonly composer: Composer,
    private readonly attachments: Attachments,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Stores a mail and one delivery per recipient in the caller's transaction; its workers are woken after the commit.
   * The template is filled once here, so that a missing variable is the caller's error and not a failed delivery.
   * @throws 422 for an unknown template, a missing variable, or too many recipients; 403 where the API key may not send as the sender
   */
  async accept(work: Work, message: NewMessage): Promise<{ id: string }> {
    if (message.recipients.length === 0) throw invalid('to', 'needs at least one recipient');
    if (message.recipients.length > MAX_RECIPIENTS)
      throw invalid('to', `has more than ${MAX_RECIPIENTS} recipients`);
    const sender = message.senderId
      ? await this.senders.byId(work.trx, message.senderId)
      : await this.senders.first(work.trx);
    if (!sender) throw invalid('sender', 'there is no such sender');
    requireSender(sender.slug);
    const { revisionId, subject, content } = await this.content(work, message, sender);
    const id = message.id ?? newId();
    const files = await this.attachments.store(work.trx, id, message.attachments ?? []);
    await this.repository.insert(work.trx, id, message, {
      senderId: sender.id,
      revisionId,
      subject,
      content: {
        ...content,
        ...(message.headers && { headers: message.headers }),
        ...(files.length > 0 && { attachments: files }),
      },
    });
    await appendEvents(
      work.trx,
      message.recipients.map(({ personId }) => ({ type: 'email.accepted', messageId: id, personId })),
    );
    if (!message.scheduledAt || message.scheduledAt.getTime() <= Date.now()) {
      work.afterCommit(() => this.wakeUps.wake(message.stream, { messageId: id }));
    }
    return { id };
  }

  /**
   * Compiles a template where nobody has yet. Called before a transaction begins: on a machine that has just started compiling took
   * 15 s, in which sixteen calls held all connections and the others got none. What is wrong with it is said by `accept`.
   */
  async makeReady(template: string, locale: string): Promise<void> {
    const revisionId = await this.templates.live(template);
    if (revisionId === undefined) return;
    await this.templates.prepared(revisionId, locale).catch((error: unknown) => {
      if (!(error instanceof TemplateError)) throw error;
    });
  }

  /** A message with its deliveries and what happened to each; undefined when there is none. */
  async find(id: string): Promise<MessageView | undefined> {
    return this.repository.find(id);
  }

  private async content(
    work: Work,
    message: NewMessage,
    sender: NonNullable<Awaited<ReturnType<Senders['first']>>>,
  ): Promise<{ revisionId: string | null; subject: string; content: SealedContent }> {
    const { content } = message;
    const envelope = {
      to: headerOf(message.recipients, 'to'),
      cc: headerOf(message.recipients, 'cc'),
      replyTo: message.replyTo ?? null,
    };
    if (!('template' in content)) {
      return { revisionId: null, subject: content.subject, content: { ...envelope, body: content } };
    }
    const revisionId = await this.templates.live(content.template, work.trx);
    if (revisionId === undefined) throw invalid('template', `there is no template "${content.template}"`);
    const [first] = message.recipients;
    const common = this.composer.common(sender, {
      id: first?.personId ?? '',
      name: null,
      locale: message.locale,
    });
    try {
      const prepared = await this.templates.prepared(revisionId, message.locale, work.trx);
      const { subject } = prepared.fill({ ...common, ...content.variables });
      if (subject.length > MAX_SUBJECT) {
        const message = `make a subject of ${subject.length} characters, and it may have ${MAX_SUBJECT}`;
        throw invalid('variables', message);
      }
      return {
        revisionId,
        subject,
        content: { ...envelope, variables: content.variables },
      };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw invalidFields(fillProblems(error));
    }
  }
}

function headerOf(
  recipients: readonly MessageRecipient[],
  role: 'to' | 'cc',
): { name: string; address: string }[] {
  return recipients
    .filter((recipient) => recipient.role === role)
    .map(({ address, name }) => ({ name: name ?? '', address: address.typed }));
}
