import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor } from '../../platform/database/index.js';
import { BlobsRepository } from './attachments/blobs.repository.js';
import type { SealedContent } from './mail-source.js';

/** `550 5.1.1` of what a server said. */
const numbersOf = (column: string) =>
  sql`substring(${sql.ref(column)} FROM '^\\d{3}(?: [245]\\.\\d{1,3}\\.\\d{1,3})?')`;

/** What stands where the address of an erased person stood. */
export const ERASED_ADDRESS = '[erased]';
/** Under the reserved name of RFC 6761: a domain that few people have would name them. */
const ERASED_DOMAIN = 'erased.invalid';

export interface PersonDelivery {
  readonly bucket: string;
  readonly id: number;
  readonly messageId: string | null;
}

export interface SkippedDelivery {
  readonly id: number;
  readonly campaignId: string | null;
  readonly messageId: string | null;
}

/**
 * All mail to one person. Deliveries have no index by person, which a blast would pay for: single mails are found through the person's
 * events, and news by asking each batch, whose key has the person.
 */
@Injectable()
export class PersonMailRepository {
  constructor(
    private readonly keys: KeyRing,
    private readonly blobs: BlobsRepository,
  ) {}

  async deliveries(executor: Executor, personId: string): Promise<PersonDelivery[]> {
    const { rows } = await sql<PersonDelivery>`
      SELECT d.bucket, d.id, d.message_id AS "messageId"
        FROM (SELECT DISTINCT message_id FROM events
               WHERE person_id = ${personId} AND type = 'email.accepted' AND message_id IS NOT NULL) e
       CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE message_id = e.message_id OFFSET 0) d
       WHERE d.person_id = ${personId}
      UNION ALL
      SELECT d.bucket, d.id, d.message_id
        FROM batches b
       CROSS JOIN LATERAL (SELECT * FROM deliveries
                            WHERE bucket = b.bucket AND campaign_id = b.id AND person_id = ${personId} OFFSET 0) d
       ORDER BY 1, 2`.execute(executor);
    return rows;
  }

  async inFull(executor: Executor, bucket: string, ids: readonly number[]) {
    return executor
      .selectFrom('deliveries as d')
      .leftJoin('messages as m', (join) =>
        join.onRef('m.bucket', '=', 'd.bucket').onRef('m.id', '=', 'd.message_id'),
      )
      .leftJoin('batches as b', 'b.id', 'd.campaign_id')
      .leftJoin('lists as l', 'l.id', 'd.via_list_id')
      .select(['d.stream', 'd.address', 'd.role', 'd.state', 'd.reason', 'd.outcome', 'd.reply'])
      .select(['d.created_at', 'd.settled_at', 'm.subject', 'm.tags', 'm.content', 'b.name', 'l.slug'])
      .where('d.bucket', '=', bucket)
      .where(sql<boolean>`d.id = ANY(${ids}::bigint[])`)
      .orderBy('d.id')
      .execute();
  }

  /** Whatever waits will not be sent. A row that a worker holds is skipped by its last check. */
  async skipWaiting(executor: Executor, bucket: string, ids: readonly number[]): Promise<SkippedDelivery[]> {
    const { rows } = await sql<SkippedDelivery>`
      UPDATE deliveries SET state = 'skipped', reason = 'erased', settled_at = now()
       WHERE bucket = ${bucket} AND id = ANY(${ids}::bigint[]) AND state IN ('queued', 'deferred')
      RETURNING id, campaign_id AS "campaignId", message_id AS "messageId"`.execute(executor);
    return rows;
  }

  /** Of a server's answer only the numbers stay: its words often repeat the address. */
  async anonymise(
    executor: Executor,
    bucket: string,
    ids: readonly number[],
    keepDomain: boolean,
  ): Promise<void> {
    await sql`
      UPDATE deliveries
         SET address = ${ERASED_ADDRESS},
             recipient_domain = CASE WHEN ${keepDomain} THEN recipient_domain ELSE ${ERASED_DOMAIN} END,
             reply = ${numbersOf('reply')}
       WHERE bucket = ${bucket} AND id = ANY(${ids}::bigint[])`.execute(executor);
    await sql`
      UPDATE delivery_tries SET reply = ${numbersOf('reply')}
       WHERE message_id IN (SELECT message_id FROM deliveries WHERE bucket = ${bucket} AND id = ANY(${ids}::bigint[]))
         AND delivery_id = ANY(${ids}::bigint[])`.execute(executor);
  }

  /** Whether at least `crowd` other people have an address of this domain. It reads all people where they have not. */
  async isCommonDomain(
    executor: Executor,
    personId: string,
    domain: string,
    crowd: number,
  ): Promise<boolean> {
    const { rows } = await sql<{ others: number }>`
      SELECT count(*) AS others FROM (
        SELECT FROM people WHERE right(canonical, ${domain.length + 1}) = ${`@${domain}`} AND id <> ${personId}
         LIMIT ${crowd}) found`.execute(executor);
    return (rows[0]?.others ?? 0) >= crowd;
  }

  /**
   * Takes a person out of a message: the subject, and the content as soon as nobody else waits for the mail. Until then the person stands
   * in no header of it; retention takes the rest (a message without a subject is not kept for its time).
   * @param isTheirs whether an address in a header is the person's
   */
  async eraseContent(
    executor: Executor,
    messageId: string,
    isTheirs: (address: string) => boolean,
  ): Promise<void> {
    const bucket = bucketOf(messageId);
    const { rows } = await sql<{ content: Buffer | null; waited: boolean }>`
      SELECT m.content, EXISTS (SELECT FROM deliveries d
                                 WHERE d.message_id = m.id AND d.state IN ('queued', 'deferred', 'sending')) AS waited
        FROM messages m WHERE m.bucket = ${bucket} AND m.id = ${messageId}`.execute(executor);
    const [row] = rows;
    if (!row) return;
    await executor
      .updateTable('messages')
      .set({ subject: null, content: row.waited && row.content ? this.without(row.content, isTheirs) : null })
      .where('bucket', '=', bucket)
      .where('id', '=', messageId)
      .execute();
    if (!row.waited) await this.blobs.release(executor, messageId);
  }

  private without(sealed: Buffer, isTheirs: (address: string) => boolean): Buffer {
    const content = this.keys.unsealJson('content', sealed) as SealedContent;
    const others = (named: SealedContent['to']) => named.filter(({ address }) => !isTheirs(address));
    return this.keys.sealJson('content', { ...content, to: others(content.to), cc: others(content.cc) });
  }
}
