import { Injectable } from '@nestjs/common';
import { excessOf, newId, type KeyLimits } from '../../domain/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import {
  ApiError,
  conflict,
  invalid,
  notFound,
  scopes as allScopes,
  toPage,
  type Page,
  type PageQuery,
} from '../../platform/http/index.js';
import type { Actor, ApiKey, AuditEntry, KeyChange, NewKey } from './access.types.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { assertWorks, KeyAuthenticator } from './key-authenticator.service.js';
import { hashOf, newSecret, prefixOf, quickstartSecret } from './secrets.js';

/** Whoever has a key with this scope manages keys: without one, only the command line does. */
const MANAGES = 'keys';

const unlimited: KeyLimits = {
  scopes: allScopes,
  senders: null,
  rate: null,
  allowIps: null,
  expiresAt: null,
};

/** API keys as they are managed. A key never gives more than it has. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly db: Database,
    private readonly repository: ApiKeysRepository,
    private readonly audit: AuditLogRepository,
    private readonly authenticator: KeyAuthenticator,
  ) {}

  /**
   * Makes a key. The secret is in this answer only; the database keeps its SHA-256.
   * @throws 422 for an unknown sender or an end that has passed, 403 for what the key that asks does not have itself
   */
  async create(
    { trx }: Work,
    { name, ...asked }: NewKey,
    by: Actor,
  ): Promise<{ key: ApiKey; secret: string }> {
    const own = await this.limitsOf(trx, by);
    const limits = withGiven(own, asked);
    await this.check(trx, limits);
    refuseExcess(limits, own);
    const secret = newSecret();
    const stored = storedKey(name, secret, limits);
    await this.repository.insert(trx, stored);
    await this.audit.append(trx, by, 'key.created', stored.id, { name, ...limits });
    return { key: await this.known(trx, stored.id), secret };
  }

  /**
   * Changes what is given and leaves the rest. What only narrows a key is everybody's who may manage keys; what widens it gives
   * something, and the key that results must be within that of who asks. So no key widens itself.
   * @throws 404, 409 for a revoked key or the last that manages keys, 403 and 422 as `create`
   */
  async change(work: Work, id: string, change: KeyChange, by: Actor, evenLast = false): Promise<ApiKey> {
    const { trx } = work;
    const own = await this.limitsOf(trx, by);
    const before = await this.known(trx, id);
    if (before.revokedAt !== null)
      throw conflict('key_revoked', `The API key "${before.name}" is revoked; a revoked key is not changed`);
    const after = withGiven(before, change);
    await this.check(trx, change);
    if (excessOf(after, before).length > 0) refuseExcess(after, own);
    if (!after.scopes.includes(MANAGES)) await this.keepOne(trx, before, evenLast);
    await this.repository.update(trx, id, after);
    await this.audit.append(trx, by, 'key.changed', id, difference(before, after, change));
    work.afterCommit(() => this.authenticator.forget());
    return this.known(trx, id);
  }

  /**
   * Ends a key for good; other processes notice within seconds. Revoking it again changes nothing.
   * @param evenLast whether it may be the last key that manages keys
   * @throws 404, 409 where it is that one
   */
  async revoke(work: Work, id: string, by: Actor, evenLast = false): Promise<ApiKey> {
    const { trx } = work;
    await this.limitsOf(trx, by);
    const key = await this.known(trx, id);
    if (key.revokedAt !== null) return key;
    await this.keepOne(trx, key, evenLast);
    await this.repository.revoke(trx, id);
    await this.audit.append(trx, by, 'key.revoked', id);
    work.afterCommit(() => this.authenticator.forget());
    return this.known(trx, id);
  }

  /** A page of all keys, the oldest first, revoked ones too. */
  async page({ limit, after }: PageQuery): Promise<Page<ApiKey>> {
    return toPage(await this.repository.list(limit + 1, after), limit, (key) => key);
  }

  async all(): Promise<ApiKey[]> {
    return this.repository.list();
  }

  /** @throws 404 */
  async known(executor: Executor, id: string): Promise<ApiKey> {
    const key = await this.repository.byId(executor, id);
    if (!key) throw notFound('API key', id);
    return key;
  }

  /** @throws 404 when there is none, 409 when the prefix fits several */
  async named(idOrPrefix: string): Promise<ApiKey> {
    const [key, ...others] = await this.repository.byIdOrPrefix(idOrPrefix);
    if (!key) throw notFound('API key', idOrPrefix);
    if (others.length > 0)
      throw conflict('ambiguous_prefix', `Several API keys begin with ${idOrPrefix}: name it by its id`);
    return key;
  }

  /** Who made, changed and revoked it, the newest first. */
  async history(id: string): Promise<AuditEntry[]> {
    return this.audit.of(this.db, id);
  }

  /** Whether another key that works manages keys. */
  async othersManage(executor: Executor, id: string): Promise<boolean> {
    return (await this.repository.othersWith(executor, MANAGES, id)) > 0;
  }

  /** The operator's BOOTSTRAP_API_KEY, with all scopes. Safe at every start and in several processes; a revoked one stays revoked. */
  async ensureBootstrap(secret: string): Promise<void> {
    await this.ensure('bootstrap', secret);
  }

  /** A key for the first steps, kept in `<dataDir>/quickstart.key` and known to whatever database is there. @returns that file */
  async ensureQuickstart(dataDir: string): Promise<string> {
    const { file, secret } = quickstartSecret(dataDir);
    await this.ensure('quickstart', secret);
    return file;
  }

  private async ensure(name: string, secret: string): Promise<void> {
    const key = storedKey(name, secret, unlimited);
    await this.db.work(async ({ trx }) => {
      if (!(await this.repository.ensure(trx, key))) return;
      await this.audit.append(trx, 'start', 'key.created', key.id, { name, ...unlimited });
    });
  }

  /**
   * What whoever asks has, as of now and until the end of the transaction: the answer of a few seconds ago is good enough to read mail,
   * and not to make keys that outlive it.
   */
  private async limitsOf(executor: Executor, by: Actor): Promise<KeyLimits> {
    await this.repository.lock(executor);
    if (typeof by === 'string') return unlimited;
    const key = await this.known(executor, by.apiKeyId);
    assertWorks(key);
    if (!key.scopes.includes(MANAGES))
      throw new ApiError(403, 'missing_scope', `This API key lacks the scope "${MANAGES}"`);
    const { scopes, senders, rate, allowIps, expiresAt } = key;
    return { scopes, senders, rate, allowIps, expiresAt };
  }

  private async check(executor: Executor, { senders, expiresAt }: KeyChange): Promise<void> {
    const [unknown] = senders ? await this.repository.unknownSenders(executor, senders) : [];
    if (unknown !== undefined) throw invalid('senders', `there is no sender "${unknown}"`);
    if (expiresAt && expiresAt.getTime() <= Date.now())
      throw invalid('expiresAt', `${expiresAt.toISOString()} has passed; to end a key now, revoke it`);
  }

  /** @throws 409 where nothing but the command line could manage keys without this one */
  private async keepOne(executor: Executor, key: ApiKey, evenLast: boolean): Promise<void> {
    if (evenLast || !key.scopes.includes(MANAGES) || (await this.othersManage(executor, key.id))) return;
    throw conflict(
      'last_key',
      `The API key "${key.name}" is the last one with the scope "${MANAGES}"; say last=true to do without one`,
    );
  }
}

/** @throws 403 that names each field which goes beyond what the key that asks has */
function refuseExcess(limits: KeyLimits, own: KeyLimits): void {
  const details = excessOf(limits, own);
  if (details.length === 0) return;
  const message = details.map(({ field, message: text }) => `${field}: ${text}`).join('; ');
  throw new ApiError(403, 'beyond_own_key', `A key can give only what it has itself. ${message}`, details);
}

function withGiven<T extends KeyLimits>(limits: T, change: KeyChange): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...limits, ...Object.fromEntries(given) };
}

function storedKey(name: string, secret: string, limits: KeyLimits) {
  return { id: newId(), name, prefix: prefixOf(secret), hash: hashOf(secret), ...limits };
}

/** For the audit log: what was asked to change, as `[before, after]`. */
function difference(before: ApiKey, after: ApiKey, change: KeyChange): Record<string, unknown> {
  const fields = (Object.keys(change) as (keyof KeyChange)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  return Object.fromEntries(fields.map((field) => [field, [before[field], after[field]]]));
}
