import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { connectionShare, type ConnectionHolder } from '../../../domain/index.js';
import { Database } from '../../../platform/database/index.js';

/** Renewed every few seconds; the connections of a process that died are free again after it. */
export const CONNECTION_LEASE_SECONDS = 15;

export interface ConnectionLease {
  /** How many this process may have open; null where the relay has no limit. */
  readonly connections: number | null;
  /** Processes that use the relay, this one included. */
  readonly workers: number;
}

/** Which process keeps how many connections to a relay. */
@Injectable()
export class ConnectionLeasesRepository {
  constructor(private readonly db: Database) {}

  /**
   * Takes or renews a process's part.
   * @param limit  of the relay, over all processes
   * @param inUse  connections that have a mail in hand: given up only when it is through
   */
  async renew(
    relay: string,
    limit: number | null,
    { process, bulkOnly, inUse }: { process: string; bulkOnly: boolean; inUse: number },
  ): Promise<ConnectionLease> {
    return this.db.work(async ({ trx }) => {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`connections ${relay}`}, 0))`.execute(trx);
      await sql`DELETE FROM connection_leases WHERE relay = ${relay} AND expires_at < now()`.execute(trx);
      const { rows } = await sql<ConnectionHolder>`
        SELECT process, bulk_only AS "bulkOnly", connections FROM connection_leases WHERE relay = ${relay}`.execute(
        trx,
      );
      const others = rows.filter((holder) => holder.process !== process);
      const connections =
        limit === null ? null : connectionShare(limit, { process, bulkOnly, connections: 0 }, others);
      const held = Math.max(connections ?? 0, inUse);
      await sql`
        INSERT INTO connection_leases (relay, process, bulk_only, connections, expires_at)
        VALUES (${relay}, ${process}, ${bulkOnly}, ${held}, clock_timestamp() + make_interval(secs => ${CONNECTION_LEASE_SECONDS}))
        ON CONFLICT (relay, process) DO UPDATE SET connections = excluded.connections, bulk_only = excluded.bulk_only, expires_at = excluded.expires_at`.execute(
        trx,
      );
      return { connections, workers: others.length + 1 };
    });
  }

  /** All that a process holds, when it ends. */
  async release(process: string): Promise<void> {
    await this.db.deleteFrom('connection_leases').where('process', '=', process).execute();
  }

  /** Connections that are leased now, by relay. */
  async held(relays: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await sql<{ relay: string; held: number }>`
      SELECT relay, sum(connections)::integer AS held FROM connection_leases
       WHERE relay = ANY(${relays}) AND expires_at > now() GROUP BY relay`.execute(this.db);
    return new Map(rows.map(({ relay, held }) => [relay, held]));
  }
}
