import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { DeliveryMove } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { appendEvents, type EventType, type NewEvent } from '../../platform/events/index.js';
import type { Settlement } from './settlement.js';

const eventOf: Partial<Record<DeliveryMove, EventType>> = {
  accept: 'email.sent',
  refuse: 'email.failed',
  defer: 'email.deferred',
  lose: 'email.unknown',
  skip: 'email.skipped',
};

interface Recorded {
  id: number;
  person_id: string;
  campaign_id: string | null;
  message_id: string | null;
}

@Injectable()
export class RecordRepository {
  constructor(private readonly db: Database) {}

  /**
   * Writes a group of results and their events in one transaction. Only rows that still carry the claim's token change, so a
   * late worker cannot overwrite; later evidence may still turn an unknown into what it was.
   */
  async record(bucket: string, token: string, settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    const column = <T>(pick: (settlement: Settlement) => T) => settlements.map(pick);
    await this.db.work(async ({ trx }) => {
      const { rows } = await sql<Recorded>`
        UPDATE deliveries d SET
            state = v.state, reason = v.reason,
            reply_code = coalesce(v.reply_code, d.reply_code), reply = coalesce(v.reply, d.reply),
            relay = coalesce(v.relay, d.relay), relay_id = coalesce(v.relay_id, d.relay_id),
            tries = d.tries + v.counted::int,
            due_at = CASE WHEN v.delay IS NULL THEN d.due_at ELSE now() + make_interval(secs => v.delay / 1000.0) END,
            settled_at = CASE WHEN v.state IN ('queued', 'deferred') THEN NULL ELSE now() END,
            lease_until = NULL, lease_token = CASE WHEN v.state = 'unknown' THEN d.lease_token END
          FROM unnest(${column((s) => s.id)}::bigint[], ${column((s) => s.state)}::text[], ${column((s) => s.reason)}::text[],
                      ${column((s) => s.replyCode)}::int[], ${column((s) => s.reply)}::text[],
                      ${column((s) => s.relay)}::text[], ${column((s) => s.relayId)}::text[],
                      ${column((s) => s.counted)}::boolean[], ${column((s) => s.delay)}::float8[])
               AS v (id, state, reason, reply_code, reply, relay, relay_id, counted, delay)
         WHERE d.bucket = ${bucket} AND d.id = v.id AND d.lease_token = ${token}
           AND (d.state = 'sending' OR (d.state = 'unknown' AND v.state <> 'unknown'))
        RETURNING d.id, d.person_id, d.campaign_id, d.message_id`.execute(trx);
      const byId = new Map(settlements.map((settlement) => [settlement.id, settlement]));
      await appendEvents(
        trx,
        rows.flatMap((row) => eventsOf(row, byId.get(row.id))),
      );
    });
  }
}

function eventsOf(row: Recorded, settlement: Settlement | undefined): NewEvent[] {
  const type = settlement && eventOf[settlement.move];
  if (!type) return [];
  return [
    {
      type,
      personId: row.person_id,
      campaignId: row.campaign_id,
      messageId: row.message_id,
      deliveryId: row.id,
      data: { reason: settlement.reason, replyCode: settlement.replyCode },
    },
  ];
}
