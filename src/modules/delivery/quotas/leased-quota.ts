import { Logger } from '@nestjs/common';
import { waitOutside } from './line.js';
import { PaceMeter } from './pace-meter.js';
import type { Grant, Limits, Span } from './quota.types.js';
import type { QuotaAnswer, Unused, WindowsRepository } from './windows.repository.js';

/** A slice is for about a second; what is left of it then goes back. */
const SLICE_MS = 1_000;
/** More than a caller wants is leased for the next ones: so much of what went in a second. */
const AHEAD = 1 / 4;
/** An hour that is used up is looked at again after this time, since somebody may give back. */
const LOOK_AGAIN_MS = 10_000;
const MOST_PLACES = 64;

/** What this process may use of the limits of one relay or one domain: a slice of what all workers share. */
export class LeasedQuota {
  private readonly logger = new Logger('Quotas');
  private readonly meter = new PaceMeter(SLICE_MS);
  private slice: { left: number; until: number; endsAt: Unused['endsAt'] } = noSlice();
  private dry: { until: number; span: Span } | undefined;
  private places: number[] = [];
  private placesWanted = 1;
  private unused: Unused[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private queued = 0;
  private returning: NodeJS.Timeout | undefined;

  /** @param limits those that hold now; none at all means that nothing is asked and all is granted */
  constructor(
    private readonly windows: WindowsRepository,
    private readonly subject: string,
    private readonly bulk: boolean,
    private readonly limits: () => Limits,
    private readonly now: () => number,
  ) {}

  /** Up to so many at once. Asks the database only where the slice in hand is too small. */
  async take(wanted: number): Promise<Grant> {
    if (this.unlimited) return { ...unlimited, granted: wanted };
    return this.left >= wanted || this.usedUp ? this.grant(wanted) : this.inTurn(() => this.ask(wanted));
  }

  /** One mail: 0 when it may go, or the milliseconds that it should wait; a promise only when the database must be asked. */
  permit(): number | Promise<number> {
    if (this.unlimited) return 0;
    return this.decide() ?? this.inTurn(() => this.askForOne());
  }

  /** The limit that keeps everything back, as far as this process knows. */
  get usedUp(): { readonly span: Span; readonly forMs: number } | undefined {
    if (!this.dry || this.left > 0 || this.unlimited) return undefined;
    const forMs = this.dry.until - this.now();
    return forMs > 0 ? { span: this.dry.span, forMs } : undefined;
  }

  /** Gives everything back, also a slice that could still be used. */
  async close(): Promise<void> {
    await this.inTurn(() => this.giveUnusedBack());
    clearTimeout(this.returning);
  }

  private get unlimited(): boolean {
    return Object.keys(this.limits()).length === 0;
  }

  private get left(): number {
    return this.now() < this.slice.until ? this.slice.left : 0;
  }

  /** One after the other, each with a look at what the one before has brought. */
  private async inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.queued += 1;
    const result = this.turn.then(step).finally(() => (this.queued -= 1));
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async ask(wanted: number): Promise<Grant> {
    if (this.left < wanted && !this.usedUp) {
      const answer = await this.lease(wanted, 0);
      return this.grant(wanted, answer.granted);
    }
    return this.grant(wanted);
  }

  private async askForOne(): Promise<number> {
    const known = this.decide();
    if (known !== undefined) return known;
    const { granted } = await this.lease(this.queued, this.placesWanted);
    // Granted late is granted: it counts in the window of the database.
    if (granted > 0) return this.go();
    this.placesWanted = Math.min(MOST_PLACES, this.placesWanted * 2);
    return this.nextPlace() ?? waitOutside(Math.random());
  }

  private go(): 0 {
    this.spend(1);
    return 0;
  }

  private decide(): number | undefined {
    if (this.left > 0) return this.go();
    return this.usedUp ? this.nextPlace() : undefined;
  }

  /** When the next mail that waits can go, in milliseconds from now. */
  private nextPlace(): number | undefined {
    const now = this.now();
    this.places = this.places.filter((place) => place > now);
    const place = this.places.shift();
    return place === undefined ? undefined : Math.ceil(place - now);
  }

  /** @param have what there is, where it is not the slice's to say because the answer came late */
  private grant(wanted: number, have = this.left): Grant {
    const granted = this.spend(Math.min(wanted, have));
    const { usedUp, slice } = this;
    const short = granted < wanted ? usedUp : undefined;
    return {
      granted,
      retryAfterMs: short?.forMs ?? 0,
      limitedBy: short?.span,
      until: this.limits().second === undefined ? Infinity : slice.until,
      giveBack: (count) => this.takeBack(Math.min(count, granted), slice.endsAt),
    };
  }

  private spend(count: number): number {
    this.slice.left -= count;
    this.meter.count(this.now(), count);
    return count;
  }

  private takeBack(count: number, endsAt: Unused['endsAt']): void {
    if (count === 0) return;
    if (endsAt === this.slice.endsAt && this.now() < this.slice.until) this.slice.left += count;
    else this.unused.push({ count, endsAt });
    this.giveBackSoon();
  }

  private async lease(wanted: number, places: number): Promise<QuotaAnswer> {
    const ahead = wanted === 0 ? 0 : Math.ceil(this.meter.perSecond(this.now()) * AHEAD);
    const unused = this.takeUnused();
    const asked = this.now();
    const answer = await this.windows.take({
      subject: this.subject,
      limits: this.limits(),
      bulk: this.bulk,
      wanted: Math.max(wanted, ahead),
      places,
      unused,
    });
    // From when it was asked, not from when it was answered: rather too short than beyond the window.
    this.slice = {
      left: answer.granted,
      until: asked + Math.min(SLICE_MS, answer.usableMs),
      endsAt: answer.endsAt,
    };
    this.dry = answer.limitedBy && {
      until: asked + Math.min(LOOK_AGAIN_MS, answer.limitedBy.forMs),
      span: answer.limitedBy.span,
    };
    if (answer.granted > 0) this.placesWanted = 1;
    this.places.push(...answer.placesInMs.map((place) => asked + place));
    this.giveBackSoon();
    return answer;
  }

  private takeUnused(): Unused[] {
    const unused = this.unused;
    if (this.slice.left > 0) unused.push({ count: this.slice.left, endsAt: this.slice.endsAt });
    this.unused = [];
    this.slice = noSlice();
    return unused;
  }

  /** What was taken of an hour or a day and not used is worth a query; of a second that is over it is worth nothing. */
  private giveBackSoon(): void {
    if (this.limits().hour === undefined && this.limits().day === undefined) return;
    this.returning ??= setTimeout(() => {
      this.returning = undefined;
      if (this.left > 0) return this.giveBackSoon();
      void this.inTurn(() => this.giveUnusedBack()).catch((error: Error) =>
        this.logger.warn(`What ${this.subject} did not use was not given back: ${error.message}`),
      );
    }, SLICE_MS * 1.5).unref();
  }

  private async giveUnusedBack(): Promise<void> {
    if (this.slice.left === 0 && this.unused.length === 0) return;
    await this.lease(0, 0);
  }
}

const noSlice = () => ({ left: 0, until: 0, endsAt: {} });

const unlimited = {
  retryAfterMs: 0,
  limitedBy: undefined,
  until: Infinity,
  giveBack: () => undefined,
} satisfies Omit<Grant, 'granted'>;
