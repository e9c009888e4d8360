import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf, newId, type DeliveryState, type Stream } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';

export interface MessageState {
  readonly stream: Stream;
  /** The first of those that repeat each other: its own id, or that of the mail which it repeats. */
  readonly root: string;
  /** Slug of its sender. */
  readonly sender: string;
  /** Whether its content is still kept. */
  readonly kept: boolean;
  readonly deliveries: { readonly state: DeliveryState; readonly reason: string | null }[];
}

interface Recipient {
  readonly id: number;
  readonly personId: string;
}

/** What a person asks of a mail that was accepted. Each method runs in the caller's transaction. */
@Injectable()
export class MessageMovesRepository {
  async state(executor: Executor, id: string): Promise<MessageState | undefined> {
    const { rows } = await sql<Omit<MessageState, 'deliveries'>>`
      SELECT stream, coalesce(resend_of, id) AS root, content IS NOT NULL AS kept,
             (SELECT slug FROM senders s WHERE s.id = sender_id) AS sender
        FROM messages WHERE bucket = ${bucketOf(id)} AND id = ${id}`.execute(executor);
    const [message] = rows;
    if (!message) return undefined;
    const deliveries = await executor
      .selectFrom('deliveries')
      .select(['state', 'reason'])
      .where('bucket', '=', bucketOf(id))
      .where('message_id', '=', id)
      .execute();
    return { ...message, deliveries };
  }

  /** What waits will not be sent. A row that a worker has claimed is its own: the claim and this lock the same rows. */
  async skipWaiting(executor: Executor, id: string): Promise<Recipient[]> {
    const { rows } = await sql<Recipient>`
      UPDATE deliveries SET state = 'skipped', reason = 'cancelled', settled_at = now()
       WHERE bucket = ${bucketOf(id)} AND message_id = ${id} AND state IN ('queued', 'deferred')
      RETURNING id, person_id AS "personId"`.execute(executor);
    return rows;
  }

  /** Until the end of the transaction nobody else repeats this mail. */
  async lockResends(executor: Executor, root: string): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`resend ${root}`}, 0))`.execute(executor);
  }

  /** The id of a mail with the same root that is not settled yet. */
  async openOf(executor: Executor, root: string): Promise<string | undefined> {
    const { rows } = await sql<{ id: string }>`
      SELECT d.message_id AS id FROM deliveries d
       WHERE d.message_id IN (SELECT ${root}::uuid UNION SELECT id FROM messages WHERE resend_of = ${root})
         AND d.state IN ('queued', 'deferred', 'sending') LIMIT 1`.execute(executor);
    return rows[0]?.id;
  }

  /** A new message with the content and the recipients of another one; who was erased since is left out. @returns undefined where nobody is left */
  async copy(
    executor: Executor,
    from: string,
    root: string,
  ): Promise<{ id: string; recipients: Recipient[] } | undefined> {
    const id = newId();
    const { rows: recipients } = await sql<Recipient>`
      INSERT INTO deliveries (bucket, stream, message_id, person_id, role, address, recipient_domain)
      SELECT ${bucketOf(id)}, d.stream, ${id}, d.person_id, d.role, d.address, d.recipient_domain
        FROM deliveries d JOIN people p ON p.id = d.person_id AND p.erased_at IS NULL
       WHERE d.bucket = ${bucketOf(from)} AND d.message_id = ${from} ORDER BY d.id
      RETURNING id, person_id AS "personId"`.execute(executor);
    if (recipients.length === 0) return undefined;
    await sql`
      INSERT INTO messages (bucket, id, stream, sender_id, revision_id, locale, subject, content, automatic, tags, resend_of)
      SELECT ${bucketOf(id)}, ${id}, stream, sender_id, revision_id, locale, subject, content, automatic, tags, ${root}
        FROM messages WHERE bucket = ${bucketOf(from)} AND id = ${from}`.execute(executor);
    return { id, recipients };
  }
}
