import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { monthOf, SANDBOX_RELAY, type DeliveryMove } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { EventType } from '../../platform/events/index.js';
import { AddressReports } from '../suppression/index.js';
import type { FoundDelivery } from './outcomes/outcomes.types.js';
import { isAgainstAddress, reportOfRefusal, type RefusedDelivery } from './refusals.js';
import { SandboxOutcomes } from './sandbox/sandbox-outcomes.js';
import type { Settlement } from './settlement.js';

const eventOf: Partial<Record<DeliveryMove, EventType>> = {
  accept: 'email.sent',
  refuse: 'email.failed',
  defer: 'email.deferred',
  lose: 'email.unknown',
  skip: 'email.skipped',
};

/** A settlement and the claim that it belongs to. */
export interface Result {
  readonly bucket: string;
  readonly token: string;
  readonly settlement: Settlement;
}

type WrittenDelivery = RefusedDelivery & FoundDelivery;

const inSandbox = ({ relay }: { readonly relay: string | null }): boolean => relay === SANDBOX_RELAY;

@Injectable()
export class RecordRepository {
  constructor(
    private readonly db: Database,
    private readonly reports: AddressReports,
    private readonly sandbox: SandboxOutcomes,
  ) {}

  /**
   * Writes a group of results of one month and their events, and in the same transaction holds against an address what a server said
   * of it, and tells what the sandbox makes of its mail. Most groups hold nothing of these kinds, and are one statement.
   */
  async record(results: readonly Result[]): Promise<void> {
    if (!results.some(({ settlement }) => inSandbox(settlement) || isAgainstAddress(settlement))) {
      await this.write(this.db, results);
      return;
    }
    await this.db.work(async (work) => {
      const written = await this.write(work.trx, results);
      const { here = [], out = [] } = Object.groupBy(written, (one) => (inSandbox(one) ? 'here' : 'out'));
      await this.sandbox.tell(work, here);
      await this.reports.take(work, out.flatMap(reportOfRefusal));
    });
  }

  /**
   * One statement. Only rows that still carry their claim's token
   * change, so a late worker cannot overwrite; later evidence may still turn an unknown into what it was, and opens its batch again
   * where that was to wait, or nobody would send it. The ids stand there
   * twice: in a table without statistics, as after a freeze, PostgreSQL would read the whole month for the join alone.
   * A report that came before the result, as a relay on the same machine may send it, is not overwritten.
   * @returns those that failed by it, and those of the sandbox
   */
  private async write(executor: Executor, results: readonly Result[]): Promise<WrittenDelivery[]> {
    const [first] = results;
    if (!first) return [];
    const column = <T>(pick: (settlement: Settlement) => T) =>
      results.map((result) => pick(result.settlement));
    const ids = column((settlement) => settlement.id);
    const { rows } = await sql<WrittenDelivery>`
      WITH moved AS (
        UPDATE deliveries d SET
            state = v.state, reason = CASE WHEN d.outcome IS NULL THEN v.reason ELSE coalesce(v.reason, d.reason) END,
            reply_code = CASE WHEN d.outcome IS NULL THEN coalesce(v.reply_code, d.reply_code) ELSE d.reply_code END,
            reply = CASE WHEN d.outcome IS NULL THEN coalesce(v.reply, d.reply) ELSE d.reply END,
            relay = coalesce(v.relay, d.relay), relay_id = coalesce(v.relay_id, d.relay_id),
            tries = d.tries + v.counted::int,
            due_at = CASE WHEN v.delay IS NULL THEN d.due_at ELSE now() + make_interval(secs => v.delay / 1000.0) END,
            settled_at = CASE WHEN v.state IN ('queued', 'deferred') THEN NULL ELSE now() END,
            lease_until = NULL, lease_token = CASE WHEN v.state = 'unknown' THEN d.lease_token END
          FROM unnest(${results.map(({ token }) => token)}::uuid[], ${ids}::bigint[],
                      ${column((s) => s.state)}::text[], ${column((s) => s.reason)}::text[],
                      ${column((s) => s.replyCode)}::int[], ${column((s) => s.reply)}::text[],
                      ${column((s) => s.relay)}::text[], ${column((s) => s.relayId)}::text[],
                      ${column((s) => s.counted)}::boolean[], ${column((s) => s.delay)}::float8[],
                      ${column((s) => eventOf[s.move] ?? null)}::text[])
               AS v (token, id, state, reason, reply_code, reply, relay, relay_id, counted, delay, event)
         WHERE d.bucket = ${first.bucket} AND d.id = v.id AND d.id = ANY(${ids}::bigint[]) AND d.lease_token = v.token
           AND (d.state = 'sending' OR (d.state = 'unknown' AND v.state <> 'unknown'))
        RETURNING d.id, d.state, d.person_id, d.campaign_id, d.message_id, d.via_list_id, d.address, d.recipient_domain,
                  d.requeued_at, v.event, v.reason, v.reply_code, v.reply, v.relay, v.counted),
      reopened AS (
        UPDATE batches b SET finished_at = NULL, state = CASE b.state WHEN 'finished' THEN 'open' ELSE b.state END
         WHERE b.finished_at IS NOT NULL
           AND b.id IN (SELECT campaign_id FROM moved WHERE moved.state IN ('queued', 'deferred'))),
      tried AS (
        INSERT INTO delivery_tries (message_id, delivery_id, state, relay, reply_code, reply)
        SELECT message_id, id, split_part(event, '.', 2), relay, reply_code, reply
          FROM moved WHERE message_id IS NOT NULL AND counted AND relay IS NOT NULL AND event IS NOT NULL),
      told AS (
      INSERT INTO events (bucket, type, person_id, campaign_id, message_id, delivery_id, data)
      SELECT ${monthOf(new Date())}, event, person_id, campaign_id, message_id, id,
             jsonb_build_object('reason', reason, 'replyCode', reply_code)
        FROM moved WHERE event IS NOT NULL)
      SELECT ${first.bucket} AS bucket, id, address, recipient_domain AS "recipientDomain", via_list_id AS "listId", requeued_at AS life,
             reason, reply_code AS "replyCode", reply, person_id AS "personId", campaign_id AS "campaignId",
             message_id AS "messageId", relay, state
        FROM moved WHERE state = 'failed' OR relay = ${SANDBOX_RELAY}`.execute(executor);
    return rows;
  }
}
