import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { bucketOf, isId, monthOf } from '../../../domain/index.js';
import type { Executor } from '../../../platform/database/index.js';
import { outcomes, type DeliveryClues, type FoundDelivery, type Outcome } from './outcomes.types.js';

/** Deliveries are kept for 13 months; a delivery's month may lie ahead of the clock of whoever asks. */
const OLDEST_MONTHS = 14;
/** A message has at most 50 envelope recipients. */
const MOST_FOUND = 50;

@Injectable()
export class OutcomesRepository {
  /** The deliveries that it may be, each locked; several only where a mail with several recipients is named as a whole. */
  async find(executor: Executor, clues: DeliveryClues): Promise<FoundDelivery[]> {
    for (const where of wheres(clues)) {
      const found = await this.findWhere(executor, where);
      if (found.length > 0) return found;
    }
    return [];
  }

  private async findWhere(executor: Executor, where: RawBuilder<boolean>): Promise<FoundDelivery[]> {
    const { rows } = await sql<FoundDelivery>`
      SELECT bucket, id, address, recipient_domain AS "recipientDomain", person_id AS "personId", campaign_id AS "campaignId",
             message_id AS "messageId", via_list_id AS "listId", relay, state, requeued_at AS life
        FROM deliveries WHERE ${where} ORDER BY bucket, id LIMIT ${MOST_FOUND} FOR UPDATE`.execute(executor);
    return rows;
  }

  /**
   * Forwards only. Whatever came after the hand-over proves it, so what was unknown is sent.
   * @returns whether it changed
   */
  async write(
    executor: Executor,
    { bucket, id }: Pick<FoundDelivery, 'bucket' | 'id'>,
    outcome: Outcome,
    said: { readonly reason: string; readonly code: number | null; readonly reply: string | null } | null,
  ): Promise<boolean> {
    const { rows } = await sql`
      UPDATE deliveries SET
          outcome = ${outcome},
          state = CASE state WHEN 'unknown' THEN 'sent' ELSE state END,
          lease_token = CASE state WHEN 'unknown' THEN NULL ELSE lease_token END,
          reason = CASE WHEN ${said !== null} THEN ${said?.reason ?? null} WHEN state = 'unknown' THEN NULL ELSE reason END,
          reply_code = CASE WHEN ${(said?.reply ?? null) !== null} THEN ${said?.code ?? null}::smallint ELSE reply_code END,
          reply = coalesce(${said?.reply ?? null}, reply)
       WHERE bucket = ${bucket} AND id = ${id}
         AND (outcome IS NULL OR outcome = ANY(${outcomes.slice(0, outcomes.indexOf(outcome))}::text[]))
      RETURNING id`.execute(executor);
    return rows.length > 0;
  }
}

/** The signed one alone where there is one; a relay may have given the mail a Message-ID of its own, so others are tried in turn. */
function wheres({ delivery, messageId, deliveryId, relayId }: DeliveryClues): RawBuilder<boolean>[] {
  if (delivery) return [sql`bucket = ${delivery.bucket} AND id = ${delivery.id}`];
  return [
    ...byMessageId(messageId ?? ''),
    ...(deliveryId === null ? [] : [sql<boolean>`bucket = ANY(${months()}::date[]) AND id = ${deliveryId}`]),
    // The words of the partial index.
    ...(relayId !== null && relayId.length >= 20
      ? [sql<boolean>`relay_id = ${relayId} AND length(relay_id) >= 20`]
      : []),
  ];
}

function byMessageId(messageId: string): RawBuilder<boolean>[] {
  const [, id = '', delivery] = /^<?([0-9a-f-]{36})(?:\.(\d{1,15}))?@/i.exec(messageId) ?? [];
  // Somebody else's UUID holds no month, or none of which mail is kept.
  if (!isId(id) || !months().includes(bucketOf(id))) return [];
  return delivery === undefined
    ? [sql`bucket = ${bucketOf(id)} AND message_id = ${id}`]
    : [
        sql`bucket = (SELECT bucket FROM batches WHERE id = ${id}) AND id = ${Number(delivery)} AND campaign_id = ${id}`,
      ];
}

/** An id alone does not say its month: one look into each partition's key, instead of an index that every mail would pay for. */
function months(now = new Date()): string[] {
  return Array.from({ length: OLDEST_MONTHS + 2 }, (_, back) =>
    monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1 - back, 1))),
  );
}
