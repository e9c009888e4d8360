import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/index.js';
import { Drain } from '../../../platform/queue/index.js';
import { MailEvents, type Taken, type TakenOf } from '../act/mail-events.service.js';
import type { MailEvent } from '../mail-event.js';
import type { ClaimedRequest } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** Events of one transaction: a request may have twenty thousand. */
const GROUP = 100;
/** When so many events of one request cannot be taken, the trouble is not theirs. */
const MOST_FAILURES = 20;

/** This try is over, and it is no failure: another worker has the request, or the process ends. */
export class Interrupted extends Error {}

type Counts = ReadonlyMap<Taken, number>;

/** A stored webhook and what it says. */
export interface ReadRequest {
  readonly request: ClaimedRequest;
  readonly events: readonly MailEvent[];
  /** Whom it names. */
  readonly addresses: readonly string[];
}

/** Takes the events of requests in groups, and settles each in the transaction of its last ones. */
@Injectable()
export class EventGroups {
  constructor(
    private readonly db: Database,
    private readonly drain: Drain,
    private readonly repository: ProviderRequestsRepository,
    private readonly events: MailEvents,
  ) {}

  /** Requests of few events each in one transaction, or nothing of any. Those that another worker has are left to it. */
  async takeTogether(read: readonly ReadRequest[]): Promise<void> {
    await this.db.work(async (work) => {
      const held = await this.repository.holdWhole(
        work.trx,
        read.map(({ request }) => request),
      );
      const ours = read.filter(({ request }) => held.has(request.id));
      const taken = await this.events.take(
        work,
        ours.flatMap(({ events }) => events),
      );
      let end = 0;
      const settled = ours.map(({ request: { id }, events, addresses }) => {
        const note = noteOf(counted(taken.slice(end, (end += events.length))));
        return { id, state: 'done' as const, note, addresses };
      });
      await this.repository.settleAll(work.trx, settled);
    });
  }

  /**
   * One that cannot be taken holds nobody up: the others of its group are taken one by one.
   * @throws {Interrupted}, and where some events are left for the next try
   */
  async takeAll({ request, events, addresses }: ReadRequest): Promise<void> {
    let pending = request.pending ?? [...events.keys()];
    let counts: Counts = new Map();
    const take = async (places: readonly number[]): Promise<void> => {
      const now = new Set(places);
      const left = pending.filter((place) => !now.has(place));
      const group = places.map((place) => events[place]).filter((event) => event !== undefined);
      counts = await this.take(request, group, { left, counts, addresses });
      pending = left;
    };
    let problem: Error | undefined;
    let failures = 0;
    const tries = [...pending];
    for (let at = 0; at < tries.length; at += GROUP) {
      if (failures >= MOST_FAILURES) break;
      if (this.drain.signal.aborted) throw new Interrupted();
      const group = tries.slice(at, at + GROUP);
      if (await succeeds(take(group))) continue;
      for (const place of group) {
        await take([place]).catch((error: Error) => {
          if (error instanceof Interrupted) throw error;
          problem = error;
          failures += 1;
        });
        if (failures >= MOST_FAILURES) break;
      }
    }
    if (problem) throw new Error(`${pending.length} of ${events.length} events are left: ${problem.message}`);
  }

  private async take(
    request: ClaimedRequest,
    group: readonly MailEvent[],
    { left, counts, addresses }: { left: readonly number[]; counts: Counts; addresses: readonly string[] },
  ): Promise<Counts> {
    return this.db.work(async (work) => {
      if (!(await this.repository.hold(work.trx, request, left))) throw new Interrupted();
      const all = counted(await this.events.take(work, group), counts);
      if (left.length === 0)
        await this.repository.settle(work.trx, request, { state: 'done', note: noteOf(all), addresses });
      return all;
    });
  }
}

function counted(results: readonly TakenOf[], before: Counts = new Map()): Counts {
  const counts = new Map(before);
  for (const { taken } of results) counts.set(taken, (counts.get(taken) ?? 0) + 1);
  return counts;
}

const noteOf = (counts: Counts): string => [...counts].map(([what, count]) => `${count} ${what}`).join(', ');

async function succeeds(taking: Promise<void>): Promise<boolean> {
  try {
    await taking;
    return true;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return false;
  }
}
