import { Injectable } from '@nestjs/common';
import { newId, streams as allStreams, type Stream } from '../../../domain/index.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { Database, type Executor, type Work } from '../../../platform/database/index.js';
import { conflict, notFound, toPage, type Page, type PageQuery } from '../../../platform/http/index.js';
import { relaySubject } from '../quotas/quota.types.js';
import { WindowsRepository } from '../quotas/windows.repository.js';
import { DEFAULT_RELAY } from '../smtp/relay-settings.js';
import { ConnectionLeasesRepository } from './connection-leases.repository.js';
import type { CreateRelay, UpdateRelay } from './relay.schemas.js';
import { relayNamePattern, type Relay, type RelayState } from './relay.types.js';
import { RelaysRepository, type RelayRow } from './relays.repository.js';

/** What the relays are, for whoever runs the shop's mail. Workers follow within seconds. */
@Injectable()
export class Relays {
  private readonly windows: WindowsRepository;

  constructor(
    private readonly db: Database,
    private readonly keyRing: KeyRing,
    private readonly repository: RelaysRepository,
    private readonly leases: ConnectionLeasesRepository,
  ) {
    this.windows = new WindowsRepository(db);
  }

  /** @throws 409 when there is a relay with this name */
  async create({ trx }: Work, { url, perSecond, perHour, perDay, ...rest }: CreateRelay): Promise<Relay> {
    const row = await this.repository.insert(trx, {
      ...rest,
      id: newId(),
      url: this.seal(url),
      per_second: perSecond,
      per_hour: perHour,
      per_day: perDay,
      last_problem: null,
      last_problem_at: null,
    });
    if (!row) throw conflict('relay_exists', `There is already a relay "${rest.name}"`);
    return this.open(row);
  }

  /**
   * Changes what is given and leaves the rest.
   * @throws 404 for an unknown relay; 409 for the url of the one that SMTP_URL makes, and where a stream would be left without a relay
   */
  async update({ trx }: Work, name: string, change: UpdateRelay): Promise<Relay> {
    const rows = await this.repository.locked(trx);
    const row = rows.find((relay) => relay.name === name);
    if (!row) throw notFound('relay', name);
    const { url, perSecond, perHour, perDay, ...rest } = change;
    if (url !== undefined && name === DEFAULT_RELAY) {
      throw conflict(
        'url_from_environment',
        `url: the relay "${name}" is the one of SMTP_URL; change it there`,
      );
    }
    const { enabled = row.enabled, streams = row.streams } = change;
    keepCarried(rows, row, enabled ? streams : []);
    await this.repository.update(trx, name, {
      ...rest,
      per_second: perSecond,
      per_hour: perHour,
      per_day: perDay,
      url: url === undefined ? undefined : this.seal(url),
    });
    return this.known(name, trx);
  }

  /** @throws 404 when there is no such relay */
  async known(name: string, executor: Executor = this.db): Promise<Relay> {
    // Whatever stands in a URL may come here: what can be no name is not asked for.
    const row = relayNamePattern.test(name) ? await this.repository.byName(executor, name) : undefined;
    if (!row) throw notFound('relay', name);
    return this.open(row);
  }

  /** A page of all relays, the oldest first, disabled ones too. */
  async list({ limit, after }: PageQuery): Promise<Page<Relay>> {
    return toPage(await this.repository.page(limit + 1, after), limit, (row) => this.open(row));
  }

  /** Those that mail may leave through, the preferred ones first. */
  async enabled(): Promise<Relay[]> {
    return (await this.repository.all()).filter(({ enabled }) => enabled).map((row) => this.open(row));
  }

  /** What workers have said of them. */
  async states(names: readonly string[]): Promise<Map<string, RelayState>> {
    const [open, held, used] = await Promise.all([
      this.repository.openCircuits(names),
      this.leases.held(names),
      this.windows.used(names.map(relaySubject)),
    ]);
    return new Map(
      names.map((name) => [
        name,
        {
          openSince: open.get(name) ?? null,
          connections: held.get(name) ?? 0,
          used: { second: 0, hour: 0, day: 0, ...used.get(relaySubject(name)) },
        },
      ]),
    );
  }

  /**
   * The relay of SMTP_URL, or the built-in inbox. The environment says where it is, the API how it is used. Safe at every start and in
   * several processes.
   */
  async ensureDefault(url: string): Promise<void> {
    await this.db.work(async ({ trx }) => {
      const made = await this.repository.insert(trx, {
        id: newId(),
        name: DEFAULT_RELAY,
        url: this.seal(url),
        streams: [...allStreams],
        priority: 10,
        connections: null,
        per_second: null,
        per_hour: null,
        per_day: null,
        signing: 'ours',
        envelope: 'verp',
        last_problem: null,
        last_problem_at: null,
      });
      if (made || (await this.known(DEFAULT_RELAY, trx)).url === url) return;
      await this.repository.update(trx, DEFAULT_RELAY, { url: this.seal(url) });
    });
  }

  private seal(url: string): Buffer {
    return this.keyRing.seal('relay', Buffer.from(url));
  }

  private open({ url, per_second, per_hour, per_day, ...row }: RelayRow): Relay {
    const plain = this.keyRing.unseal('relay', url);
    if (!plain)
      throw new Error(`The url of the relay "${row.name}" does not open with any key of this install`);
    return {
      id: row.id,
      name: row.name,
      url: plain.toString(),
      streams: row.streams,
      priority: row.priority,
      connections: row.connections,
      perSecond: per_second,
      perHour: per_hour,
      perDay: per_day,
      signing: row.signing,
      envelope: row.envelope,
      enabled: row.enabled,
      lastProblem: row.last_problem,
      lastProblemAt: row.last_problem_at,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  }
}

/** @throws 409 that names a stream which the relay alone carries, and would carry no more */
function keepCarried(all: readonly RelayRow[], relay: RelayRow, after: readonly Stream[]): void {
  if (!relay.enabled) return;
  const others = all.filter(({ enabled, name }) => enabled && name !== relay.name);
  const carried = new Set([...after, ...others.flatMap(({ streams }) => streams)]);
  const left = relay.streams.find((stream) => !carried.has(stream));
  if (left === undefined) return;
  throw conflict(
    'last_relay',
    `The relay "${relay.name}" is the last one that carries ${left}; let another one carry it first`,
  );
}
