import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { bucketOf, isId, monthOf } from '../../../domain/index.js';
import type { Executor } from '../../../platform/database/index.js';
import type { DeliveryRef } from '../verp/bounce-addresses.js';
import { outcomes, type DeliveryClues, type FoundDelivery, type WrittenOutcome } from './outcomes.types.js';

/** Deliveries are kept for 13 months; a delivery's month may lie ahead of the clock of whoever asks. */
const OLDEST_MONTHS = 14;
/** A message has at most 50 envelope recipients. */
const MOST_FOUND = 50;

@Injectable()
export class OutcomesRepository {
  /**
   * The deliveries that each of these may mean, each locked; several for one only where a mail with several recipients is named as a
   * whole. Those that are signed are one statement a month, and nearly all are of one.
   */
  async find(executor: Executor, clues: readonly DeliveryClues[]): Promise<FoundDelivery[][]> {
    const signed = new Map<string, FoundDelivery>();
    const refs = clues.flatMap(({ delivery }) => delivery ?? []);
    for (const [bucket, named] of Map.groupBy(refs, (ref) => ref.bucket)) {
      const ids = [...new Set(named.map(({ id }) => id))];
      for (const found of await this.findWhere(
        executor,
        sql`bucket = ${bucket} AND id = ANY(${ids}::bigint[])`,
        ids.length,
      ))
        signed.set(keyOf(found), found);
    }
    const all: FoundDelivery[][] = [];
    for (const clue of clues) {
      const { delivery } = clue;
      const found = delivery && signed.get(keyOf(delivery));
      all.push(delivery ? (found ? [found] : []) : await this.findUnsigned(executor, clue));
    }
    return all;
  }

  private async findUnsigned(executor: Executor, clues: DeliveryClues): Promise<FoundDelivery[]> {
    for (const where of wheres(clues)) {
      const found = await this.findWhere(executor, where, MOST_FOUND);
      if (found.length > 0) return found;
    }
    return [];
  }

  private async findWhere(
    executor: Executor,
    where: RawBuilder<boolean>,
    limit: number,
  ): Promise<FoundDelivery[]> {
    const { rows } = await sql<FoundDelivery>`
      SELECT bucket, id, address, recipient_domain AS "recipientDomain", person_id AS "personId", campaign_id AS "campaignId",
             message_id AS "messageId", via_list_id AS "listId", relay, state, requeued_at AS life
        FROM deliveries WHERE ${where} ORDER BY bucket, id LIMIT ${limit} FOR UPDATE`.execute(executor);
    return rows;
  }

  /**
   * Forwards only. Whatever came after the hand-over proves it, so what was unknown is sent. One statement a month.
   * @param told one for each delivery
   * @returns the places of those that changed
   */
  async write(executor: Executor, told: readonly WrittenOutcome[]): Promise<ReadonlySet<number>> {
    const changed = new Set<string>();
    for (const [bucket, group] of Map.groupBy(told, ({ delivery }) => delivery.bucket))
      for (const id of await this.writeMonth(executor, bucket, group)) changed.add(keyOf({ bucket, id }));
    return new Set(told.flatMap(({ delivery }, at) => (changed.has(keyOf(delivery)) ? [at] : [])));
  }

  /** The ids stand there twice, as for results of our own: without statistics the join alone would read the whole month. */
  private async writeMonth(
    executor: Executor,
    bucket: string,
    told: readonly WrittenOutcome[],
  ): Promise<number[]> {
    const column = <T>(pick: (one: WrittenOutcome) => T) => told.map(pick);
    const ids = column(({ delivery }) => delivery.id);
    const { rows } = await sql<{ id: number }>`
      UPDATE deliveries d SET
          outcome = v.outcome,
          state = CASE d.state WHEN 'unknown' THEN 'sent' ELSE d.state END,
          lease_token = CASE d.state WHEN 'unknown' THEN NULL ELSE d.lease_token END,
          reason = CASE WHEN v.said THEN v.reason WHEN d.state = 'unknown' THEN NULL ELSE d.reason END,
          reply_code = CASE WHEN v.reply IS NULL THEN d.reply_code ELSE v.code END,
          reply = coalesce(v.reply, d.reply)
        FROM unnest(${ids}::bigint[], ${column(({ outcome }) => outcome)}::text[], ${column(({ said }) => said !== null)}::boolean[],
                    ${column(({ said }) => said?.reason ?? null)}::text[], ${column(({ said }) => said?.code ?? null)}::smallint[],
                    ${column(({ said }) => said?.reply ?? null)}::text[])
             AS v (id, outcome, said, reason, code, reply)
       WHERE d.bucket = ${bucket} AND d.id = v.id AND d.id = ANY(${ids}::bigint[])
         AND (d.outcome IS NULL
              OR array_position(${outcomes}::text[], d.outcome) < array_position(${outcomes}::text[], v.outcome))
      RETURNING d.id`.execute(executor);
    return rows.map(({ id }) => id);
  }
}

const keyOf = ({ bucket, id }: DeliveryRef): string => `${bucket} ${id}`;

/** A relay may have given the mail a Message-ID of its own, so others are tried in turn. */
function wheres({ messageId, deliveryId, relayId }: DeliveryClues): RawBuilder<boolean>[] {
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
