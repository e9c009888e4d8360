import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { conflict, invalid, notFound, toPage, type Page, type PageQuery } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { EndpointsRepository, type EndpointChange } from './endpoints.repository.js';
import { Outbound } from './outbound.js';
import { newSecret, secretsIn, showSecret } from './signature.js';
import type { CreateEndpoint, UpdateEndpoint } from './webhooks.schemas.js';
import type { EndpointRow } from './webhooks.types.js';

/** Every event is matched with every endpoint, so there is an end. */
const MAX_ENDPOINTS = 50;
/** How long the old secret signs beside the new one, in milliseconds: time to put the new one where it is checked. */
const ROTATION_MS = 24 * 3_600_000;

/** Each is a signature more in the header. */
const MAX_OLD_SECRETS = 3;

/** An endpoint and its secret as it is stored: sealed, so that an answer kept for an Idempotency-Key does not hold it in clear. */
export interface EndpointSecret {
  readonly endpoint: EndpointRow;
  readonly sealed: string;
}

@Injectable()
export class Endpoints {
  constructor(
    private readonly repository: EndpointsRepository,
    private readonly outbound: Outbound,
    private readonly keys: KeyRing,
    private readonly wakeUps: WakeUps,
  ) {}

  /** @throws 422 where its URL may not be reached, 409 when there are too many */
  async create({ trx }: Work, { url, events, description = null }: CreateEndpoint): Promise<EndpointSecret> {
    await this.assertAllowed(url);
    if ((await this.repository.count(trx)) >= MAX_ENDPOINTS)
      throw conflict('too_many_endpoints', `There are ${MAX_ENDPOINTS} webhook endpoints; delete one first`);
    await this.repository.startReadingHere(trx);
    const secret = this.keys.seal('webhook', newSecret());
    const row = { id: newId(), url, events: [...events], description, secret };
    return { endpoint: await this.repository.insert(trx, row), sealed: secret.toString('base64') };
  }

  async list(executor: Executor, { limit, after }: PageQuery): Promise<Page<EndpointRow>> {
    return toPage(await this.repository.page(executor, limit + 1, after), limit, (row) => row);
  }

  /** @throws 404 */
  async known(executor: Executor, id: string): Promise<EndpointRow> {
    return found(id, await this.repository.byId(executor, id));
  }

  /** @throws 404, or 409 when it is disabled: nothing would be sent */
  async enabled(executor: Executor, id: string): Promise<EndpointRow> {
    const endpoint = await this.known(executor, id);
    if (!endpoint.enabled)
      throw conflict('endpoint_disabled', 'This endpoint is disabled; enable it first with PATCH');
    return endpoint;
  }

  async counts(executor: Executor, id: string): Promise<{ waiting: number; failed: number }> {
    return this.repository.counts(executor, id);
  }

  /**
   * Enabling forgets what went wrong before, and what still waited goes out. What happened while it was disabled it gets by a replay.
   * @throws 404, or 422 where its URL may not be reached
   */
  async update(work: Work, id: string, { enabled, ...change }: UpdateEndpoint): Promise<EndpointRow> {
    if (change.url !== undefined) await this.assertAllowed(change.url);
    const before = await this.known(work.trx, id);
    const switched = enabled === undefined || enabled === before.enabled ? {} : switchTo(enabled);
    if (enabled && !before.enabled) await this.repository.startReadingHere(work.trx);
    if (enabled) work.afterCommit(() => this.wakeUps.wake('webhooks', { work: id }));
    const { events, url, description } = change;
    const endpoint = await this.repository.update(work.trx, id, {
      ...(events && { events: [...events] }),
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...switched,
    });
    return found(id, endpoint);
  }

  /** @throws 404 */
  async remove({ trx }: Work, id: string): Promise<void> {
    if (!(await this.repository.remove(trx, id))) throw notFound('webhook endpoint', id);
  }

  /**
   * Those before sign too for a day, also when it is asked twice (the first answer got lost): receivers hold one that nobody replaced yet.
   * @throws 404
   */
  async rotateSecret({ trx }: Work, id: string): Promise<EndpointSecret> {
    const before = this.secretsOf(found(id, await this.repository.lock(trx, id))).slice(0, MAX_OLD_SECRETS);
    const secret = this.keys.seal('webhook', newSecret());
    const endpoint = await this.repository.update(trx, id, {
      secret,
      previous_secret: this.keys.seal('webhook', Buffer.concat(before)),
      previous_until: new Date(Date.now() + ROTATION_MS),
    });
    return { endpoint: found(id, endpoint), sealed: secret.toString('base64') };
  }

  /** All that sign now, the newest first. */
  secretsOf({ secret, previous_secret, previous_until }: EndpointRow): Buffer[] {
    const isRotating = previous_secret !== null && (previous_until?.getTime() ?? 0) > Date.now();
    return [this.open(secret), ...(isRotating ? secretsIn(this.open(previous_secret)) : [])];
  }

  /** @param sealed of an `EndpointSecret` @returns whsec_… */
  showSecret(sealed: string): string {
    return showSecret(this.open(Buffer.from(sealed, 'base64')));
  }

  private open(sealed: Buffer): Buffer {
    const secret = this.keys.unseal('webhook', sealed);
    if (!secret) throw new Error('A webhook secret does not open with any key of this install');
    return secret;
  }

  /** A name that DNS does not know (yet) is no reason: every attempt asks again, and its log says so. */
  private async assertAllowed(url: string): Promise<void> {
    const problem = await this.outbound.problem(new URL(url));
    if (problem !== undefined) throw invalid('url', problem);
  }
}

function switchTo(enabled: boolean): EndpointChange {
  return enabled
    ? {
        enabled,
        disabled_reason: null,
        disabled_at: null,
        failures: 0,
        failing_since: null,
        resting_until: null,
      }
    : { enabled, disabled_reason: 'asked', disabled_at: new Date() };
}

function found(id: string, endpoint: EndpointRow | undefined): EndpointRow {
  if (!endpoint) throw notFound('webhook endpoint', id);
  return endpoint;
}
