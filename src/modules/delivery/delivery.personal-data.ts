import { Injectable } from '@nestjs/common';
import { parseAddress } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { PersonalData, type PersonRef, type RetentionRule } from '../../platform/personal-data/index.js';
import { attachmentsRule, triesRule } from './attachments/attachments-retention.js';
import { BlobsRepository } from './attachments/blobs.repository.js';
import type { SealedContent } from './mail-source.js';
import { mailLogRule, messageContentRule } from './mail-retention.js';
import { PersonMailRepository, type PersonDelivery } from './person-mail.repository.js';

/** A domain with fewer other people behind it would name the person. */
const CROWD = 10;

/** Mail that was, is, or will be sent. Counts stay as they are: a row of an erased person counts and names nobody. */
@Injectable()
export class DeliveryPersonalData extends PersonalData {
  readonly tables = ['messages', 'deliveries', 'delivery_tries', 'events', 'blobs', 'message_blobs'];
  override readonly retention: readonly RetentionRule[];

  constructor(
    private readonly mail: PersonMailRepository,
    private readonly keys: KeyRing,
    blobs: BlobsRepository,
    config: Config,
  ) {
    super();
    const { RETAIN_CONTENT_DAYS, RETAIN_METADATA_MONTHS } = config.env;
    this.retention = [
      messageContentRule(RETAIN_CONTENT_DAYS),
      attachmentsRule(RETAIN_CONTENT_DAYS, blobs),
      triesRule(RETAIN_CONTENT_DAYS),
      mailLogRule(RETAIN_METADATA_MONTHS),
    ];
  }

  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const mails = [];
    for (const [bucket, rows] of byMonth(await this.mail.deliveries(executor, person.id))) {
      const ids = rows.map(({ id }) => id);
      for (const { content, ...row } of await this.mail.inFull(executor, bucket, ids)) {
        mails.push({
          kind: row.stream,
          subject: row.subject ?? row.name,
          list: row.slug,
          address: row.address,
          as: row.role,
          state: row.state,
          reason: row.reason,
          outcome: row.outcome,
          answer: row.reply,
          tags: row.tags ?? [],
          createdAt: row.created_at,
          settledAt: row.settled_at,
          content: content === null ? null : this.shown(content),
        });
      }
    }
    const events = await executor
      .selectFrom('events')
      .select(['at', 'type', 'data'])
      .where('person_id', '=', person.id)
      .orderBy('id')
      .execute();
    return { mails, events };
  }

  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    const deliveries = await this.mail.deliveries(trx, person.id);
    const keepDomain = await this.isInCrowd(trx, person);
    const theirs = new Set([person.canonical, person.address]);
    const isTheirs = (address: string) => {
      const parsed = parseAddress(address);
      return theirs.has(parsed.ok ? parsed.address.canonical : address);
    };
    for (const [bucket, rows] of byMonth(deliveries)) {
      const ids = rows.map(({ id }) => id);
      const skipped = await this.mail.skipWaiting(trx, bucket, ids);
      await appendEvents(
        trx,
        skipped.map(({ id: deliveryId, campaignId, messageId }) => ({
          type: 'email.skipped' as const,
          personId: person.id,
          campaignId,
          messageId,
          deliveryId,
          data: { reason: 'erased', replyCode: null },
        })),
      );
      await this.mail.anonymise(trx, bucket, ids, keepDomain);
    }
    const messages = new Set(deliveries.flatMap(({ messageId }) => messageId ?? []));
    for (const id of messages) await this.mail.eraseContent(trx, id, isTheirs);
  }

  private async isInCrowd(executor: Executor, { id, canonical }: PersonRef): Promise<boolean> {
    const domain = canonical?.split('@').at(-1);
    return domain !== undefined && (await this.mail.isCommonDomain(executor, id, domain, CROWD));
  }

  /** A mail to several people is not shown to one of them: it may speak of the others (GDPR Art. 15 (4)). */
  private shown(sealed: Buffer): unknown {
    const content = this.keys.unsealJson('content', sealed) as SealedContent;
    const { to, cc, variables, body, attachments = [] } = content;
    if (to.length + cc.length > 1) return null;
    return {
      ...(variables ?? { subject: body?.subject, text: body?.text }),
      ...(attachments.length > 0 && { attachments: attachments.map(({ filename }) => filename) }),
    };
  }
}

function byMonth(deliveries: readonly PersonDelivery[]): Map<string, PersonDelivery[]> {
  return Map.groupBy(deliveries, ({ bucket }) => bucket);
}
