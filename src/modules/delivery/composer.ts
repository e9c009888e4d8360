import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../platform/config/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { Senders, type Sender } from '../lists/index.js';
import { TemplateError, Templates, type FilledTemplate, type Variables } from '../templates/index.js';
import type { BatchTurn, ClaimedDelivery } from './claims.repository.js';
import type { Checked } from './check.repository.js';
import { DkimKeys } from './dkim/dkim-keys.service.js';
import { signDkim } from './dkim/sign-dkim.js';
import { automaticHeaders, newsHeaders } from './headers.js';
import type { MailSource } from './mail-source.js';
import { mailVariables, newsVariables } from './mail-variables.js';
import { composeMime, type Mail } from './mime/compose-mime.js';
import { MimeError } from './mime/mime-error.js';

export interface ComposedMail {
  readonly from: string;
  readonly to: string;
  readonly raw: Buffer;
}

type Headers = Record<string, string>;

/** Renders one delivery into the bytes that go over the wire. */
@Injectable()
export class Composer {
  private readonly senders = new LRUCache<string, Sender>({ max: 100, ttl: 5_000 });

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly tokens: LinkTokens,
    private readonly templates: Templates,
    private readonly senderStore: Senders,
    private readonly dkimKeys: DkimKeys,
  ) {}

  /** @throws TemplateError when a merge tag has no value, or what comes of it can stand in no mail */
  async compose(item: ClaimedDelivery, checked: Checked, source: MailSource): Promise<ComposedMail> {
    return source.kind === 'batch'
      ? this.news(item, checked, source.batch)
      : this.message(item, checked, source);
  }

  /** What every template may use, for a person who is known by name and locale. */
  common(sender: Sender, recipient: { id: string; name: string | null; locale: string }): Variables {
    return mailVariables({
      sender,
      recipient,
      links: { preferences: this.link('preferences', recipient.id, null) },
    });
  }

  async sender(id: string): Promise<Sender> {
    const sender = this.senders.get(id) ?? (await this.senderStore.byId(this.db, id));
    if (!sender) throw new Error(`Sender ${id} is gone`);
    this.senders.set(id, sender);
    return sender;
  }

  private async news(item: ClaimedDelivery, checked: Checked, batch: BatchTurn): Promise<ComposedMail> {
    const { list, subscriptionId } = checked;
    if (!list || !subscriptionId) throw new Error(`Delivery ${item.id} is news without a list`);
    const sender = await this.sender(batch.senderId);
    const prepared = await this.templates.prepared(batch.revisionId, checked.locale ?? 'en');
    const unsubscribe = this.link('unsubscribe', subscriptionId, item.id);
    const variables = newsVariables({
      sender,
      recipient: { name: checked.name, locale: prepared.locale },
      links: { preferences: this.link('preferences', item.personId, null), unsubscribe },
      list,
      campaignName: batch.name,
    });
    const filled = prepared.fill(variables, { timezone: checked.timezone ?? this.config.env.TIMEZONE });
    return this.bytes(item, sender, filled, {
      to: [{ name: checked.name ?? '', address: item.address }],
      messageId: `${batch.id}.${item.id}`,
      headers: newsHeaders({ unsubscribeUrl: unsubscribe, campaignId: batch.id, list, sender }),
    });
  }

  private async message(
    item: ClaimedDelivery,
    checked: Checked,
    source: Extract<MailSource, { kind: 'message' }>,
  ): Promise<ComposedMail> {
    const sender = await this.sender(source.senderId);
    const { content } = source;
    const filled = await this.fill(item, checked, source, sender);
    return this.bytes(item, sender, filled, {
      to: content.to,
      cc: content.cc,
      replyTo: content.replyTo,
      messageId: source.id,
      headers: source.automatic ? automaticHeaders() : {},
    });
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

  private async bytes(
    item: ClaimedDelivery,
    sender: Sender,
    filled: FilledTemplate,
    mail: { to: Mailboxes; cc?: Mailboxes; replyTo?: string | null; messageId: string; headers: Headers },
  ): Promise<ComposedMail> {
    const replyTo = mail.replyTo ?? sender.replyTo;
    const raw = written({
      from: { name: sender.fromName ?? '', address: sender.fromAddress },
      to: mail.to,
      cc: mail.cc ?? [],
      replyTo: replyTo ? [{ name: '', address: replyTo }] : [],
      subject: filled.subject,
      date: new Date(),
      messageId: `${mail.messageId}@${sender.domain}`,
      fields: { ...mail.headers, 'X-Postrider-Delivery': String(item.id) },
      text: filled.text,
      html: filled.html,
    });
    const signed = await signDkim(raw, await this.dkimKeys.signersFor(sender.domain));
    return { from: sender.fromAddress, to: item.address, raw: signed };
  }

  private link(purpose: 'preferences' | 'unsubscribe', subject: string, delivery: number | null): string {
    return `${this.config.publicUrl}/${purpose}/${this.tokens.make(purpose, subject, delivery)}`;
  }
}

function written(mail: Mail): Buffer {
  try {
    return composeMime(mail);
  } catch (error) {
    throw error instanceof MimeError ? new TemplateError([{ message: error.message }]) : error;
  }
}

type Mailboxes = Mail['to'];
