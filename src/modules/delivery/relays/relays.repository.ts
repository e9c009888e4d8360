import { Injectable } from '@nestjs/common';
import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import { Database, type Executor, type Tables } from '../../../platform/database/index.js';

export type RelayRow = Selectable<Tables['relays']>;

/** A circuit that nobody has spoken of for so long belonged to a process that died. */
const CIRCUIT_FORGOTTEN_SECONDS = 30;

@Injectable()
export class RelaysRepository {
  constructor(private readonly db: Database) {}

  /** @returns undefined when the name is taken */
  async insert(executor: Executor, relay: Insertable<Tables['relays']>): Promise<RelayRow | undefined> {
    return executor
      .insertInto('relays')
      .values(relay)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst();
  }

  async update(executor: Executor, name: string, change: Updateable<Tables['relays']>): Promise<void> {
    await executor
      .updateTable('relays')
      .set({ ...change, updated_at: sql`now()` })
      .where('name', '=', name)
      .execute();
  }

  async byName(executor: Executor, name: string): Promise<RelayRow | undefined> {
    return executor.selectFrom('relays').selectAll().where('name', '=', name).executeTakeFirst();
  }

  async all(executor: Executor = this.db): Promise<RelayRow[]> {
    return executor.selectFrom('relays').selectAll().orderBy('priority').orderBy('id').execute();
  }

  /** All of them, which nobody else may change until the end of the transaction. */
  async locked(executor: Executor): Promise<RelayRow[]> {
    return executor.selectFrom('relays').selectAll().orderBy('id').forUpdate().execute();
  }

  async page(limit: number, after: string | undefined): Promise<RelayRow[]> {
    return this.db
      .selectFrom('relays')
      .selectAll()
      .$if(after !== undefined, (query) => query.where('id', '>', after!))
      .orderBy('id')
      .limit(limit)
      .execute();
  }

  /** A process's circuit is open, or still is. @param problem why it was opened; undefined where that is known already */
  async circuitOpen(relay: string, process: string, problem: string | undefined): Promise<void> {
    await sql`
      INSERT INTO relay_circuits (relay, process) VALUES (${relay}, ${process})
      ON CONFLICT (relay, process) DO UPDATE SET seen_at = now()`.execute(this.db);
    if (problem === undefined) return;
    await this.db
      .updateTable('relays')
      .set({ last_problem: problem, last_problem_at: sql`now()` })
      .where('name', '=', relay)
      .execute();
  }

  async circuitClosed(relay: string, process: string): Promise<void> {
    await sql`
      DELETE FROM relay_circuits WHERE relay = ${relay}
         AND (process = ${process} OR seen_at < now() - interval '1 day')`.execute(this.db);
  }

  /** Since when circuits are open, by relay. */
  async openCircuits(relays: readonly string[]): Promise<Map<string, Date>> {
    const { rows } = await sql<{ relay: string; since: Date }>`
      SELECT relay, min(open_since) AS since FROM relay_circuits
       WHERE relay = ANY(${relays}) AND seen_at > now() - make_interval(secs => ${CIRCUIT_FORGOTTEN_SECONDS})
       GROUP BY relay`.execute(this.db);
    return new Map(rows.map(({ relay, since }) => [relay, since]));
  }
}
