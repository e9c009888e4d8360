import { sql } from 'kysely';
import { RelayPool } from '../../src/modules/delivery/relays/relay-pool.js';
import { createRelayBody, type UpdateRelay } from '../../src/modules/delivery/relays/relay.schemas.js';
import { Relays } from '../../src/modules/delivery/relays/relays.service.js';
import type { Engine } from './engine.js';
import type { SinkOptions } from './sink.js';

/** Makes the worker learn of relays, caps and slow-downs at once. */
export async function refreshRelays(engine: Engine): Promise<void> {
  await engine.app.get(RelayPool, { strict: false }).refresh();
}

/** One more relay, known to this engine's worker. */
export async function addRelay(
  engine: Engine,
  relay: { name: string; url: string } & UpdateRelay,
): Promise<void> {
  const relays = engine.app.get(Relays, { strict: false });
  await engine.db.work((work) => relays.create(work, createRelayBody.parse(relay)));
  await refreshRelays(engine);
}

/** Changes the relay of SMTP_URL, and the worker follows. */
export async function changeDefaultRelay(engine: Engine, change: UpdateRelay): Promise<void> {
  const relays = engine.app.get(Relays, { strict: false });
  await engine.db.work((work) => relays.update(work, 'default', change));
  await refreshRelays(engine);
}

export interface Arrival {
  readonly to: string;
  /** Milliseconds since 1970; the database is on this machine and has the same clock. */
  readonly at: number;
}

/** Options of a sink that notes when each final dot came. */
export function noting(arrivals: Arrival[]): SinkOptions {
  return {
    refuseMessage: (to) => {
      arrivals.push({ to, at: Date.now() });
      return undefined;
    },
  };
}

/** How many came in each second of the clock, from the first to the last. */
export function perSecond(arrivals: readonly Arrival[]): number[] {
  const seconds = arrivals.map(({ at }) => Math.floor(at / 1_000));
  const first = Math.min(...seconds);
  const counts = Array.from({ length: Math.max(...seconds) - first + 1 }, () => 0);
  for (const second of seconds) counts[second - first]! += 1;
  return counts;
}

/** Deliveries by the relay that took them and by their state. */
export async function byRelay(
  engine: Engine,
): Promise<{ relay: string | null; stream: string; state: string; tries: number; count: number }[]> {
  const { rows } = await sql<{
    relay: string | null;
    stream: string;
    state: string;
    tries: number;
    count: number;
  }>`
    SELECT relay, stream, state, tries, count(*)::int AS count FROM deliveries
     GROUP BY relay, stream, state, tries ORDER BY stream, relay`.execute(engine.db);
  return rows;
}
