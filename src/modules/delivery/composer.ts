import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { bucketOf } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { Senders, type Sender } from '../lists/index.js';
import { TemplateError, Templates, type FilledTemplate, type Variables } from '../templates/index.js';
import { Attachments } from './attachments/attachments.service.js';
import type { BatchTurn, Checked, ClaimedDelivery } from './claim.types.js';
import { DkimKeys } from './dkim/dkim-keys.service.js';
import { signDkim } from './dkim/sign-dkim.js';
import { automaticHeaders, callersHeaders, DELIVERY_FIELD, type LeavingLinks } from './headers.js';
import type { MailSource, SealedContent } from './mail-source.js';
import { mailVariables } from './mail-variables.js';
import { composeMime, type Mail } from './mime/compose-mime.js';
import { MimeError } from './mime/mime-error.js';
import { NewsLetters } from './prepared/news-letters.js';
import type { Relay } from './relays/relay.types.js';
import { EnvelopeSenders } from './verp/envelope-senders.js';
import { LeaveAddresses } from './verp/leave-addresses.js';

export interface ComposedMail {
  readonly from: string;
  readonly to: string;
  readonly raw: Buffer;
  /** mime/ writes no other line end. */
  readonly crlf: true;
}

/** What the relay does of itself. */
export type RelayModes = Pick<Relay, 'signing' | 'envelope'>;

interface Made {
  readonly sender: Sender;
  readonly raw: Buffer;
}

type Headers = Record<string, string>;

/** Renders one delivery into the bytes that go over the wire. */
@Injectable()
export class Composer {
  private readonly senders = new LRUCache<string, Sender>({ max: 100, ttl: 5_000 });
  private readonly letters: NewsLetters;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly tokens: LinkTokens,
    private readonly templates: Templates,
    private readonly senderStore: Senders,
    private readonly dkimKeys: DkimKeys,
    private readonly envelopes: EnvelopeSenders,
    private readonly leaveAddresses: LeaveAddresses,
    private readonly attachments: Attachments,
  ) {
    this.letters = new NewsLetters(templates, leaveAddresses.areOpen);
  }

  /** @throws TemplateError when a merge tag has no value, or what comes of it can stand in no mail */
  async compose(
    item: ClaimedDelivery,
    checked: Checked,
    source: MailSource,
    relay: RelayModes,
  ): Promise<ComposedMail> {
    const { sender, raw } = await this.made(item, checked, source);
    const bucket = source.kind === 'batch' ? source.batch.bucket : bucketOf(source.id);
    return {
      from: this.envelopes.envelopeSender(sender, { bucket, id: item.id }, relay.envelope),
      to: item.address,
      crlf: true,
      raw:
        relay.signing === 'relay' ? raw : await signDkim(raw, await this.dkimKeys.signersFor(sender.domain)),
    };
  }

  /** What every template may use, for a person who is known by name and locale. */
  common(sender: Sender, recipient: { id: string; name: string | null; locale: string }): Variables {
    return mailVariables({
      sender,
      recipient,
      links: { preferences: this.link('preferences', recipient.id, null) },
    });
  }

  /** As it was at most five seconds ago. */
  async sender(id: string): Promise<Sender> {
    const known = this.senders.get(id);
    if (known) return known;
    const sender = await this.senderStore.byId(this.db, id);
    if (!sender) throw new Error(`Sender ${id} is gone`);
    this.senders.set(id, sender);
    return sender;
  }

  private async made(item: ClaimedDelivery, checked: Checked, source: MailSource): Promise<Made> {
    try {
      return await (source.kind === 'batch'
        ? this.ofBatch(item, checked, source.batch)
        : this.message(item, checked, source));
    } catch (error) {
      throw error instanceof MimeError ? new TemplateError([{ message: error.message }]) : error;
    }
  }

  private async ofBatch(item: ClaimedDelivery, checked: Checked, batch: BatchTurn): Promise<Made> {
    const { list } = checked;
    if (!list && batch.kind === 'campaign') throw new Error(`Delivery ${item.id} is news without a list`);
    const sender = await this.sender(batch.senderId);
    const letter = await this.letters.of({ batch, sender, list, locale: checked.locale ?? 'en' });
    const raw = letter.to(
      {
        deliveryId: item.id,
        name: checked.name,
        address: item.address,
        timezone: checked.timezone ?? this.config.env.TIMEZONE,
        links: {
          preferences: this.link('preferences', item.personId, null),
          ...(batch.kind === 'notice' ? this.acceptLink(item) : this.leavingLinks(item, checked)),
        },
      },
      new Date(),
    );
    return { sender, raw };
  }

  private async message(
    item: ClaimedDelivery,
    checked: Checked,
    source: Extract<MailSource, { kind: 'message' }>,
  ): Promise<Made> {
    const sender = await this.sender(source.senderId);
    const { content } = source;
    const filled = await this.fill(item, checked, source, sender);
    const own = callersHeaders(content.headers ?? {});
    const raw = this.bytes(item, sender, filled, {
      to: content.to,
      cc: content.cc,
      replyTo: content.replyTo,
      messageId: source.id,
      headers: { ...(source.automatic ? automaticHeaders() : {}), ...own.fields },
      texts: own.texts,
      files: await this.attachments.load(content.attachments ?? []),
    });
    return { sender, raw };
  }

  private async fill(
    item: ClaimedDelivery,
    checked: Checked,
    source: Extract<MailSource, { kind: 'message' }>,
    sender: Sender,
  ): Promise<FilledTemplate> {
    const { content } = source;
    if (content.body) return content.body;
    if (source.revisionId === null) throw new Error(`Message ${source.id} has neither a template nor a body`);
    const prepared = await this.templates.prepared(source.revisionId, source.locale);
    const recipient = { id: item.personId, name: checked.name, locale: prepared.locale };
    return prepared.fill(
      { ...this.common(sender, recipient), ...content.variables },
      { timezone: checked.timezone ?? this.config.env.TIMEZONE },
    );
  }

  private bytes(
    item: ClaimedDelivery,
    sender: Sender,
    filled: FilledTemplate,
    mail: Pick<SealedContent, 'to' | 'cc' | 'replyTo'> &
      Pick<Mail, 'messageId' | 'texts' | 'files'> & { headers: Headers },
  ): Buffer {
    const replyTo = mail.replyTo ?? sender.replyTo;
    return composeMime({
      from: { name: sender.fromName ?? '', address: sender.fromAddress },
      to: mail.to,
      cc: mail.cc,
      replyTo: replyTo ? [{ name: '', address: replyTo }] : [],
      subject: filled.subject,
      date: new Date(),
      messageId: `${mail.messageId}@${sender.domain}`,
      fields: { ...mail.headers, [DELIVERY_FIELD]: String(item.id) },
      text: filled.text,
      html: filled.html,
      ...(mail.texts && { texts: mail.texts }),
      ...(mail.files && { files: mail.files }),
    });
  }

  private leavingLinks({ id: deliveryId }: ClaimedDelivery, { subscriptionId }: Checked): LeavingLinks {
    if (subscriptionId === null) throw new Error(`Delivery ${deliveryId} is news without a subscription`);
    return {
      unsubscribe: this.link('unsubscribe', subscriptionId, deliveryId),
      unsubscribeMail: this.leaveAddresses.mailto({ subscriptionId, deliveryId }),
    };
  }

  private acceptLink({ id, personId }: ClaimedDelivery): { accept: string } {
    return { accept: `${this.config.publicUrl}/privacy/accept/${this.tokens.make('policy', personId, id)}` };
  }

  private link(purpose: 'preferences' | 'unsubscribe', subject: string, delivery: number | null): string {
    return `${this.config.publicUrl}/${purpose}/${this.tokens.make(purpose, subject, delivery)}`;
  }
}
