import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Executor } from '../../platform/database/index.js';
import type { DisabledReason, EndpointRow, NewAttempt } from './webhooks.types.js';

/** What became of one message. */
export interface MessageResult {
  readonly attempt: NewAttempt;
  readonly state: 'delivered' | 'waiting' | 'failed';
  readonly tries: number;
  /** Milliseconds until it is due again. */
  readonly wait: number;
}

/** How an endpoint fares. */
export interface EndpointHealth {
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly lastSuccessAt: Date | null;
  /** Milliseconds for which nothing is sent to it. */
  readonly rest: number;
  readonly disable: DisabledReason | null;
}

/**
 * A turn is a worker's right to send to one endpoint, for LEASE_SECONDS and renewed meanwhile: so an endpoint has a bounded number
 * of requests whatever the number of workers, and messages need no lease of their own.
 */
const LEASE_SECONDS = 20;

@Injectable()
export class TurnsRepository {
  constructor(private readonly db: Database) {}

  /** Endpoints with something due that nobody sends to. */
  async owed(): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      SELECT w.id FROM webhook_endpoints w
       WHERE enabled AND coalesce(turn_until <= now(), true) AND coalesce(resting_until <= now(), true)
         AND (SELECT m.due_at FROM webhook_messages m WHERE m.endpoint_id = w.id AND m.state = 'waiting'
               ORDER BY m.due_at LIMIT 1) <= now()`.execute(this.db);
    return rows.map(({ id }) => id);
  }

  /** @returns undefined when it is disabled, rests, or has its turn elsewhere */
  async take(id: string, token: string): Promise<EndpointRow | undefined> {
    const { rows } = await sql<EndpointRow>`
      UPDATE webhook_endpoints SET turn_token = ${token}, turn_until = now() + make_interval(secs => ${LEASE_SECONDS})
       WHERE id = ${id} AND enabled AND coalesce(turn_until <= now(), true) AND coalesce(resting_until <= now(), true)
      RETURNING *`.execute(this.db);
    return rows[0];
  }

  /** @returns false when the turn is lost, or the endpoint was disabled or deleted */
  async renew(id: string, token: string): Promise<boolean> {
    const { rows } = await sql`
      UPDATE webhook_endpoints SET turn_until = now() + make_interval(secs => ${LEASE_SECONDS})
       WHERE id = ${id} AND turn_token = ${token} AND enabled RETURNING 1`.execute(this.db);
    return rows.length > 0;
  }

  async giveBack(id: string, token: string): Promise<void> {
    await this.db
      .updateTable('webhook_endpoints')
      .set({ turn_token: null, turn_until: null })
      .where('id', '=', id)
      .where('turn_token', '=', token)
      .execute();
  }

  /** Messages and their attempts. What another worker settled, after this one lost its turn, stays settled. */
  async record(executor: Executor, results: readonly MessageResult[]): Promise<void> {
    const column = <T>(pick: (result: MessageResult) => T) => results.map(pick);
    const ids = column(({ attempt }) => attempt.message_id);
    await sql`
      UPDATE webhook_messages m
         SET state = v.state, tries = v.tries, due_at = now() + make_interval(secs => v.wait / 1000.0)
        FROM unnest(${ids}::uuid[], ${column((r) => r.state)}::text[], ${column((r) => r.tries)}::int[],
                    ${column((r) => r.wait)}::float8[]) AS v (id, state, tries, wait)
       WHERE m.id = v.id AND m.id = ANY(${ids}::uuid[]) AND m.state = 'waiting'`.execute(executor);
    await executor
      .insertInto('webhook_attempts')
      .values(column(({ attempt }) => attempt))
      .execute();
  }

  /** @returns whether it was disabled by this */
  async saveHealth(executor: Executor, id: string, token: string, health: EndpointHealth): Promise<boolean> {
    const { failures, failingSince, lastSuccessAt, rest, disable } = health;
    const { rows } = await sql`
      UPDATE webhook_endpoints SET
          failures = ${failures}, failing_since = ${failingSince},
          last_success_at = coalesce(${lastSuccessAt}::timestamptz, last_success_at),
          resting_until = CASE WHEN ${rest}::float8 > 0 THEN now() + make_interval(secs => ${rest}::float8 / 1000) END,
          enabled = enabled AND ${disable}::text IS NULL,
          disabled_at = CASE WHEN enabled AND ${disable}::text IS NOT NULL THEN now() ELSE disabled_at END,
          disabled_reason = CASE WHEN enabled THEN ${disable}::text ELSE disabled_reason END
       WHERE id = ${id} AND turn_token = ${token}
      RETURNING 1`.execute(executor);
    return rows.length > 0 && disable !== null;
  }
}
