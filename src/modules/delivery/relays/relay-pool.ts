import { Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { newId, type Stream } from '../../../domain/index.js';
import type { Quotas } from '../quotas/quotas.js';
import { PipelinedCourier } from '../smtp/pipelined-courier.js';
import { DEFAULT_RELAY, readRelay } from '../smtp/relay-settings.js';
import { CONNECTION_LEASE_SECONDS, type ConnectionLeasesRepository } from './connection-leases.repository.js';
import { chooseRelay, type RelayChoice } from './relay-choice.js';
import { RelayUse } from './relay-use.js';
import type { Relay } from './relay.types.js';
import type { RelaysRepository } from './relays.repository.js';
import type { Relays } from './relays.service.js';
import { Reservation } from './reservation.js';

const REFRESH_EVERY_MS = (CONNECTION_LEASE_SECONDS * 1_000) / 5;

export interface RelayPoolOptions {
  /** SMTP_URL, or the built-in inbox. */
  readonly defaultUrl: string;
  /** Connections that this process keeps to a relay without a limit of its own. */
  readonly connections: number;
  /** The name in EHLO. */
  readonly helloName: string;
  /** What this process sends; it keeps no connections for anything else. */
  readonly streams: readonly Stream[];
}

/** There is no room; ask again after so many milliseconds. */
export interface NoRoom {
  readonly use?: undefined;
  readonly retryAfterMs: number;
}

/** The relays as one worker process uses them. Follows what the operator changes, and tells others what it finds. */
export class RelayPool implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('Relays');
  /** The one that was chosen longest ago comes first. */
  private uses: RelayUse[] = [];
  private readonly reported = new Set<string>();
  private readonly process = newId();
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<void> | undefined;
  private reporting: Promise<void> = Promise.resolve();

  constructor(
    private readonly relays: Relays,
    private readonly repository: RelaysRepository,
    private readonly leases: ConnectionLeasesRepository,
    private readonly quotas: Quotas,
    private readonly options: RelayPoolOptions,
  ) {}

  /** Before the first job. @throws when the database does not answer: a worker without relays is none */
  async onModuleInit(): Promise<void> {
    await this.relays.ensureDefault(this.options.defaultUrl);
    await this.refresh();
    this.timer = setInterval(() => {
      this.refreshing ??= this.refresh()
        .catch((error: Error) => this.logger.warn(`Relays go on as they were: ${error.message}`))
        .finally(() => (this.refreshing = undefined));
    }, REFRESH_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.refreshing;
    await Promise.all(this.uses.map((use) => use.close()));
    await this.reporting;
    await Promise.allSettled([
      this.quotas.close(),
      this.leases.release(this.process),
      ...[...this.reported].map((name) => this.repository.circuitClosed(name, this.process)),
    ]);
  }

  /** Which relay the next claim would use; asks and takes nothing. */
  choose(stream: Stream): RelayChoice {
    return chooseRelay(this.uses, stream, (relay, of) => this.quotas.usedUp(relay, of));
  }

  /** Finds a relay with room for up to `wanted` mails. */
  async reserve(stream: Stream, wanted: number): Promise<Reservation | NoRoom> {
    let retryAfterMs = 0;
    for (let tries = 0; tries <= this.uses.length; tries += 1) {
      const { use, retryAfterMs: later } = this.choose(stream);
      if (!use) return { retryAfterMs: later };
      const grant = await this.quotas.take(use.name, stream, use.circuit.closed ? wanted : 1);
      if (grant.granted > 0) {
        this.uses = [...this.uses.filter((other) => other !== use), use];
        return new Reservation(use, grant, async () => (await this.quotas.take(use.name, stream, 1)).granted);
      }
      ({ retryAfterMs } = grant);
    }
    return { retryAfterMs };
  }

  /** Learns what has changed; runs by itself every few seconds. */
  async refresh(): Promise<void> {
    const relays = (await this.relays.enabled()).map((relay) => this.here(relay));
    await this.quotas.refresh(relays);
    this.quotas.workers = 1;
    const before = new Map(this.uses.map((use) => [use.name, use]));
    const now = await Promise.all(relays.map((relay) => this.follow(relay, before.get(relay.name))));
    const kept = this.uses.filter((use) => now.includes(use));
    for (const use of this.uses) if (!now.includes(use)) use.retire();
    this.uses = [...kept, ...now.filter((use) => !kept.includes(use))];
    await this.report();
  }

  /** The environment of this process says where the default relay is: that of another may not have been changed yet. */
  private here(relay: Relay): Relay {
    return relay.name === DEFAULT_RELAY ? { ...relay, url: this.options.defaultUrl } : relay;
  }

  private async follow(relay: Relay, use: RelayUse | undefined): Promise<RelayUse> {
    const { options } = this;
    const connections = (await this.lease(relay, use?.inUse ?? 0)) ?? options.connections;
    if (use && use.relay.url === relay.url) {
      use.update(relay, connections);
      return use;
    }
    const settings = readRelay(relay.url, { connections, helloName: options.helloName, name: relay.name });
    return new RelayUse(relay, new PipelinedCourier(settings), this.bulkOnly, () => void this.report());
  }

  /** How many connections this process may keep; null where nothing says so. */
  private async lease(relay: Relay, inUse: number): Promise<number | null> {
    if (!relay.streams.some((stream) => this.options.streams.includes(stream))) return null;
    const bulkOnly = this.bulkOnly && relay.streams.includes('orders');
    const { process } = this;
    const lease = await this.leases.renew(relay.name, relay.connections, { process, bulkOnly, inUse });
    this.quotas.workers = Math.max(this.quotas.workers, lease.workers);
    return lease.connections;
  }

  private get bulkOnly(): boolean {
    return !this.options.streams.includes('orders');
  }

  /** Writes which circuits are open. What cannot be written now is written with the next look. */
  private async report(): Promise<void> {
    this.reporting = this.reporting.then(async () => {
      try {
        await this.reportAll();
      } catch (error) {
        this.logger.warn(`The state of the relays was not written: ${(error as Error).message}`);
      }
    });
    await this.reporting;
  }

  private async reportAll(): Promise<void> {
    const open = this.uses.filter(({ circuit }) => !circuit.closed);
    for (const use of open) {
      await this.repository.circuitOpen(use.name, this.process, use.takeProblem());
      this.reported.add(use.name);
    }
    for (const name of this.reported) {
      if (open.some((use) => use.name === name)) continue;
      await this.repository.circuitClosed(name, this.process);
      this.reported.delete(name);
    }
  }
}
