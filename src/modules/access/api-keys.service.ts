import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { newId } from '../../domain/index.js';
import {
  conflict,
  invalid,
  notFound,
  scopes as allScopes,
  type Authenticator,
  type Caller,
} from '../../platform/http/index.js';
import { ApiKeysRepository, type ApiKeyRow } from './api-keys.repository.js';
import { hashOf, newSecret, prefixOf, quickstartSecret } from './secrets.js';

/** How long a process trusts what it knows of a key, in milliseconds: a revoked key works this much longer at most. */
const TRUST_MS = 3_000;
const TOUCH_AFTER_MS = 60_000;

/** An API key as it may be shown: never its secret, which only `create` tells, once. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** The beginning of the secret. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** Right to the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

@Injectable()
export class ApiKeys implements Authenticator {
  /** By hash of the secret. Unknown secrets are not kept, so guessing fills no memory. */
  private readonly callers = new LRUCache<string, Caller>({
    max: 1_000,
    ttl: TRUST_MS,
    fetchMethod: (hash, _stale, { options }) => this.lookUp(Buffer.from(hash, 'base64'), options),
  });

  constructor(private readonly repository: ApiKeysRepository) {}

  /**
   * Makes a key. The secret is in this answer only; the database keeps its SHA-256.
   * @throws 422 for an unknown scope, no scope, an empty name, or an end that has passed
   */
  async create(
    name: string,
    scopes: readonly string[],
    expiresAt: Date | null = null,
  ): Promise<{ id: string; secret: string }> {
    if (!/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(name))
      throw invalid('name', 'must have 1 to 100 characters on one line');
    if (scopes.length === 0) throw invalid('scopes', `name at least one of ${allScopes.join(', ')}`);
    const unknown = scopes.find((scope) => !(allScopes as readonly string[]).includes(scope));
    if (unknown !== undefined)
      throw invalid('scopes', `there is no scope "${unknown}", only ${allScopes.join(', ')}`);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) throw invalid('expires', 'has passed');
    const secret = newSecret();
    const key = keyOf(name, secret, [...new Set(scopes)], expiresAt);
    await this.repository.insert(key);
    return { id: key.id, secret };
  }

  /** All keys, the oldest first, revoked ones too. */
  async list(): Promise<ApiKey[]> {
    return (await this.repository.list()).map(toApiKey);
  }

  /**
   * Ends a key for good; other processes notice within seconds. Revoking it again changes nothing.
   * @throws 404 when there is none, 409 when the prefix fits several
   */
  async revoke(idOrPrefix: string): Promise<ApiKey> {
    const [key, ...others] = await this.repository.byIdOrPrefix(idOrPrefix);
    if (!key) throw notFound('API key', idOrPrefix);
    if (others.length > 0)
      throw conflict('ambiguous_prefix', `Several API keys begin with ${idOrPrefix}: revoke by id`);
    this.callers.clear();
    return toApiKey(await this.repository.revoke(key.id));
  }

  /** The operator's BOOTSTRAP_API_KEY, with all scopes. Safe at every start and in several processes; a revoked one stays revoked. */
  async ensureBootstrap(secret: string): Promise<void> {
    await this.repository.ensure(keyOf('bootstrap', secret, allScopes, null));
  }

  /** A key for the first steps, kept in `<dataDir>/quickstart.key` and known to whatever database is there. @returns that file */
  async ensureQuickstart(dataDir: string): Promise<string> {
    const { file, secret } = quickstartSecret(dataDir);
    await this.repository.ensure(keyOf('quickstart', secret, allScopes, null));
    return file;
  }

  async authenticate(secret: string): Promise<Caller | undefined> {
    return this.callers.fetch(hashOf(secret).toString('base64'));
  }

  private async lookUp(hash: Buffer, entry: { ttl?: number | undefined }): Promise<Caller | undefined> {
    const key = await this.repository.byHash(hash);
    if (!key || key.revoked_at !== null) return undefined;
    const left = key.expires_at === null ? Infinity : key.expires_at.getTime() - Date.now();
    if (left <= 0) return undefined;
    entry.ttl = Math.min(TRUST_MS, Math.ceil(left));
    if (Date.now() - (key.last_used_at?.getTime() ?? 0) > TOUCH_AFTER_MS) await this.repository.touch(key.id);
    return { apiKeyId: key.id, scopes: key.scopes };
  }
}

function keyOf(name: string, secret: string, scopes: readonly string[], expiresAt: Date | null) {
  return { id: newId(), name, prefix: prefixOf(secret), hash: hashOf(secret), scopes, expiresAt };
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
