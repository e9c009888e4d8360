import { Logger } from '@nestjs/common';
import type { Stream } from '../../domain/index.js';
import type { CheckRepository } from './check.repository.js';
import type { Claim, ClaimedDelivery } from './claim.types.js';
import type { Journal } from './journal.js';
import { LastCheck } from './last-check.js';
import type { RelayUse } from './relays/relay-use.js';
import type { Reservation } from './relays/reservation.js';
import type { Results } from './results.js';
import { released, type Settlement } from './settlement.js';

const logger = new Logger('Delivery');

/** The moving parts of one claim while it is worked off. */
export class Run {
  stopped = false;
  /** Of what was claimed, this much went to the relay. */
  handedOver = 0;
  readonly size: number;
  readonly stream: Stream;
  readonly check: LastCheck;
  private readonly waiting: ClaimedDelivery[];
  private readonly open: Set<number>;

  /** @param ended called when the database has every result */
  constructor(
    private readonly claim: Claim,
    readonly journal: Journal,
    readonly room: Reservation,
    checks: CheckRepository,
    private readonly results: Results,
    private readonly ended: () => void,
  ) {
    this.size = claim.items.length;
    this.stream = claim.items[0]?.stream ?? 'news';
    // Taken from the end: a shift would move the others.
    this.waiting = claim.items.toReversed();
    this.open = new Set(claim.items.map((item) => item.id));
    this.check = new LastCheck(checks, claim, this.open);
  }

  get relay(): RelayUse {
    return this.room.use;
  }

  next(): ClaimedDelivery | undefined {
    return this.stopped ? undefined : this.waiting.pop();
  }

  rest(): readonly ClaimedDelivery[] {
    return this.waiting.splice(0);
  }

  stop(): void {
    this.stopped = true;
  }

  settle(settlement: Settlement): void {
    this.open.delete(settlement.id);
    this.results.add(this.claim, settlement);
    this.journal.settled(settlement);
  }

  /** Ends the run; this one and those behind it go back to where they were. */
  putBack(item: ClaimedDelivery): void {
    this.stop();
    this.waiting.push(item);
  }

  /** Gives back what was not handed over. */
  end(): void {
    for (const item of this.claim.items) {
      if (this.open.has(item.id)) this.settle(released(item));
    }
    try {
      this.journal.flush();
    } catch (error) {
      // The database gets the results all the same; that the next mail waits is the next intent's business.
      logger.error(`The journal cannot be written: ${(error as Error).message}`);
    }
  }

  /** Settles when the database has every result, which is when the journal has served. */
  async recorded(hurry: boolean): Promise<void> {
    await this.results.recorded(this.claim.token, hurry);
    this.ended();
    try {
      this.journal.finish();
    } catch (error) {
      logger.error(`A journal that has served could not be removed: ${(error as Error).message}`);
    }
  }
}
