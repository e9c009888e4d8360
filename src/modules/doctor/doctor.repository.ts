import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { firstIdAt, newsOnlyReasons } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';

export interface DatabaseFacts {
  readonly version: string;
  readonly settings: Readonly<Record<'fsync' | 'synchronous_commit' | 'full_page_writes', string>>;
  /** Octets. */
  readonly size: number;
  readonly now: Date;
}

export interface WaitingStream {
  readonly stream: string;
  /** Since when the oldest mail that is due waits. */
  readonly since: Date;
}

/** Reads what the whole install wrote of itself; never changes anything. */
@Injectable()
export class DoctorRepository {
  constructor(private readonly db: Database) {}

  async database(): Promise<DatabaseFacts> {
    const { rows } = await sql<{
      version: string;
      fsync: string;
      synchronous_commit: string;
      full_page_writes: string;
      size: number;
      now: Date;
    }>`
      SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
             current_setting('synchronous_commit') AS synchronous_commit,
             current_setting('full_page_writes') AS full_page_writes,
             pg_database_size(current_database()) AS size, clock_timestamp() AS now`.execute(this.db);
    const { version, size, now, ...settings } = rows[0]!;
    return { version, settings, size, now };
  }

  /** The oldest single mail of each stream that is due and not in hand, by the index of what is due. */
  async waitingMessages(): Promise<WaitingStream[]> {
    const { rows } = await sql<WaitingStream>`
      SELECT stream, min(due_at) AS since FROM deliveries
       WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred') AND due_at < now()
       GROUP BY stream ORDER BY stream`.execute(this.db);
    return rows;
  }

  /** Open blasts with mail that is due, which no worker has had in hand for so long. A long blast that goes on is none of them. */
  async forgottenBlasts(minutes: number): Promise<{ name: string; since: Date }[]> {
    const { rows } = await sql<{ name: string; since: Date }>`
      SELECT b.name, greatest(b.last_turn_at, d.due_at) AS since FROM batches b, LATERAL (
        SELECT due_at FROM deliveries d
         WHERE d.bucket = b.bucket AND d.campaign_id = b.id AND d.state IN ('queued', 'deferred')
         ORDER BY due_at LIMIT 1) d
       WHERE b.state = 'open' AND b.finished_at IS NULL
         AND greatest(b.last_turn_at, d.due_at) < now() - make_interval(mins => ${minutes})
       ORDER BY since LIMIT 10`.execute(this.db);
    return rows;
  }

  /** Processes that have published their metrics in the last minute, by name. */
  async processes(): Promise<string[]> {
    const rows = await this.db
      .selectFrom('process_metrics')
      .select('process')
      .where('updated_at', '>', sql<Date>`now() - interval '1 minute'`)
      .orderBy('process')
      .execute();
    return rows.map(({ process }) => process);
  }

  async failedInboundMails(): Promise<number> {
    return this.failed('inbound_mails');
  }

  /** Webhooks of mail providers that were stored and could not be handled. */
  async failedProviderRequests(): Promise<number> {
    return this.failed('provider_requests');
  }

  private async failed(table: 'inbound_mails' | 'provider_requests'): Promise<number> {
    const { count } = await this.db
      .selectFrom(table)
      .select(sql<number>`count(*)`.as('count'))
      .where('state', '=', 'failed')
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Alerts that nobody was told of for so long. */
  async alertsThatWait(minutes: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM alerts
       WHERE told_at IS NULL AND id < ${firstIdAt(new Date(Date.now() - minutes * 60_000))}`.execute(this.db);
    return rows[0]?.count ?? 0;
  }

  /** Why no alert reaches an address, by canonical address: a suppression of all mail, or what became of the last one. */
  async alertAddresses(
    canonical: readonly string[],
  ): Promise<Map<string, { suppressed: string | null; failed: string | null }>> {
    const { rows } = await sql<{ canonical: string; suppressed: string | null; failed: string | null }>`
      SELECT c.canonical, s.reason AS suppressed, d.said AS failed
        FROM unnest(${canonical}::text[]) c (canonical)
        LEFT JOIN LATERAL (
          SELECT reason FROM suppressions x
           WHERE x.canonical = c.canonical AND x.released_at IS NULL AND x.scope = 'all'
             AND x.reason <> ALL(${newsOnlyReasons}::text[]) LIMIT 1) s ON true
        LEFT JOIN LATERAL (
          SELECT coalesce(d.reply, d.reason, d.state) AS said FROM deliveries d JOIN people p ON p.id = d.person_id
           WHERE d.message_id = (SELECT told_in FROM alerts WHERE told_in IS NOT NULL ORDER BY id DESC LIMIT 1)
             AND p.canonical = c.canonical AND (d.state = 'failed' OR d.outcome = 'bounced') LIMIT 1) d ON true`.execute(
      this.db,
    );
    return new Map(rows.map(({ canonical: address, ...found }) => [address, found]));
  }
}
