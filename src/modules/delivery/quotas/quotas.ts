import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  isBulk,
  paceAt,
  paceLimit,
  slowDownSubject,
  slowedDown,
  type Limit,
  type ReplyMeaning,
  type SlowDown,
  type Stream,
} from '../../../domain/index.js';
import type { Database } from '../../../platform/database/index.js';
import { DomainCapsRepository } from './domain-caps.repository.js';
import { LeasedQuota } from './leased-quota.js';
import { PaceMeter } from './pace-meter.js';
import {
  domainSubject,
  relaySubject,
  type Grant,
  type Limits,
  type RelayLimits,
  type Span,
} from './quota.types.js';
import { SlowDownsRepository } from './slow-downs.repository.js';
import { WindowsRepository } from './windows.repository.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What "lately" means where a pace is halved. */
const SEEN_MS = 10_000;
/** Domains whose pace is remembered. */
const MOST_METERS = 10_000;

/**
 * What this process may send: the limits of relays, the caps of recipient domains, and what either asked for. All of it is shared with the
 * other workers through the database, in slices of a second; where there is no limit, nothing is asked.
 */
export class Quotas {
  private readonly logger = new Logger('Quotas');
  private readonly windows: WindowsRepository;
  private readonly slowDowns: SlowDownsRepository;
  private readonly caps: DomainCapsRepository;
  private readonly leased = new Map<string, LeasedQuota>();
  private readonly relayMeters = new Map<string, PaceMeter>();
  private readonly domainMeters = new LRUCache<string, PaceMeter>({ max: MOST_METERS });
  private relays = new Map<string, RelayLimits>();
  private capped = new Map<string, number>();
  private slowed = new Map<string, SlowDown>();
  /** Slow-downs that are being written. */
  private readonly asking = new Set<string>();
  /** From our clock to the database's. */
  private offsetMs = 0;
  /** How many worker processes send, as far as this one knows: each sees only its own part of a pace. */
  workers = 1;

  constructor(
    db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.windows = new WindowsRepository(db);
    this.slowDowns = new SlowDownsRepository(db);
    this.caps = new DomainCapsRepository(db);
  }

  /** Learns caps and slow-downs, which others may have changed. Call it every few seconds. @param relays as they are now */
  async refresh(relays: readonly RelayLimits[]): Promise<void> {
    const [caps, { now, slowDowns }] = await Promise.all([this.caps.all(), this.slowDowns.all()]);
    this.relays = new Map(relays.map((relay) => [relay.name, relay]));
    this.capped = new Map(caps.map(({ domain, perSecond }) => [domain, perSecond]));
    this.offsetMs = now - this.now();
    this.slowed = slowDowns;
  }

  /** Room for up to `wanted` mails at a relay. Call it once per claim, and give back what the claim did not need. */
  async take(relay: string, stream: Stream, wanted: number): Promise<Grant> {
    return this.ofRelay(relay, stream).take(wanted);
  }

  /** The limit of the relay that keeps this stream back now, as far as this process knows without asking. */
  usedUp(relay: string, stream: Stream): { readonly span: Span; readonly forMs: number } | undefined {
    return this.ofRelay(relay, stream).usedUp;
  }

  /**
   * Whether one mail may go to a recipient domain: 0, or milliseconds to wait; a promise only where the database must be asked. Each of
   * several that must wait gets a later time, so a row that is put back until then can really go.
   */
  permit(domain: string, stream: Stream): number | Promise<number> {
    if (!this.capped.has(domain) && !this.slowed.has(domainSubject(domain))) return 0;
    return this.of(domainSubject(domain), isBulk(stream), () => this.domainLimits(domain)).permit();
  }

  /** After each hand-over that was answered: what a slow-down starts from. */
  went(relay: string, domain: string): void {
    const now = this.now();
    meterIn(this.relayMeters, relay).count(now);
    meterIn(this.domainMeters, domain).count(now);
  }

  /**
   * After a reply: where it asks to slow down, the pace of what it speaks of halves, for all workers. Other replies change nothing. Never
   * rejects: while the database is away, the next reply will ask again.
   */
  async slowDown(meaning: ReplyMeaning, relay: string, domain: string): Promise<void> {
    const about = slowDownSubject(meaning);
    if (about === undefined) return;
    const subject = about === 'relay' ? relaySubject(relay) : domainSubject(domain);
    const meter = about === 'relay' ? meterIn(this.relayMeters, relay) : meterIn(this.domainMeters, domain);
    const seen = meter.perSecond(this.now()) * this.workers;
    const usual = Math.min(seen, this.staticPace(about, relay, domain));
    if (this.isAsked(subject, usual)) return;
    this.asking.add(subject);
    try {
      await this.slowDowns.add(subject, usual, meaning.reason);
      this.slowed = (await this.slowDowns.all()).slowDowns;
    } catch (error) {
      this.logger.warn(`A slow-down of ${subject} was not written: ${(error as Error).message}`);
    } finally {
      this.asking.delete(subject);
    }
  }

  /** Whether one more such reply would change nothing: a thousand refusals a second must not be a thousand transactions. */
  private isAsked(subject: string, usual: number): boolean {
    const known = this.slowed.get(subject);
    return (
      this.asking.has(subject) ||
      (known !== undefined && slowedDown(known, usual, this.now() + this.offsetMs) === known)
    );
  }

  /** Mails per second that may go to a domain now; undefined is without limit. */
  domainPace(domain: string): number | undefined {
    return this.slowest(this.capped.get(domain), domainSubject(domain));
  }

  /** The same of a relay. */
  relayPace(name: string): number | undefined {
    return this.slowest(this.relays.get(name)?.perSecond ?? undefined, relaySubject(name));
  }

  /** Gives back what is leased. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.leased.values()].map((quota) => quota.close()));
  }

  private ofRelay(name: string, stream: Stream): LeasedQuota {
    const forOrdersToo = this.relays.get(name)?.streams.includes('orders') ?? true;
    return this.of(relaySubject(name), isBulk(stream) && forOrdersToo, () => this.relayLimits(name));
  }

  private of(subject: string, bulk: boolean, limits: () => Limits): LeasedQuota {
    const key = `${bulk ? 'bulk' : 'any'} ${subject}`;
    let quota = this.leased.get(key);
    if (!quota) {
      quota = new LeasedQuota(this.windows, subject, bulk, limits, this.now);
      this.leased.set(key, quota);
    }
    return quota;
  }

  private domainLimits(domain: string): Limits {
    return perSecond(this.domainPace(domain));
  }

  private relayLimits(name: string): Limits {
    const { perHour, perDay } = this.relays.get(name) ?? { perHour: null, perDay: null };
    return {
      ...perSecond(this.relayPace(name)),
      ...(perHour !== null && { hour: { most: perHour, lengthMs: HOUR_MS } satisfies Limit }),
      ...(perDay !== null && { day: { most: perDay, lengthMs: DAY_MS } satisfies Limit }),
    };
  }

  private slowest(limit: number | undefined, subject: string): number | undefined {
    const slowed = this.slowed.get(subject);
    const pace = slowed && paceAt(slowed, this.now() + this.offsetMs);
    if (pace === undefined) return limit;
    return limit === undefined ? pace : Math.min(limit, pace);
  }

  private staticPace(about: 'relay' | 'domain', relay: string, domain: string): number {
    const limit = about === 'relay' ? this.relays.get(relay)?.perSecond : this.capped.get(domain);
    return limit ?? Infinity;
  }
}

function perSecond(pace: number | undefined): Limits {
  return pace === undefined ? {} : { second: paceLimit(pace) };
}

interface Meters {
  get(name: string): PaceMeter | undefined;
  set(name: string, meter: PaceMeter): unknown;
}

function meterIn(meters: Meters, name: string): PaceMeter {
  let meter = meters.get(name);
  if (!meter) meters.set(name, (meter = new PaceMeter(SEEN_MS)));
  return meter;
}
