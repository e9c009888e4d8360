import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { inNetwork, parseNetwork } from '../../domain/index.js';
import { ApiError, type Authenticator, type Caller } from '../../platform/http/index.js';
import type { ApiKey } from './access.types.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { hashOf } from './secrets.js';

/** How long a process trusts what it knows of a key, in milliseconds: a revoked or changed key is as before this much longer at most. */
const TRUST_MS = 3_000;
const TOUCH_AFTER_MS = 60_000;

/** Whose key a request has. On the path of every one: a statement every few seconds for each key that is in use, else memory. */
@Injectable()
export class KeyAuthenticator implements Authenticator {
  private readonly logger = new Logger('ApiKeys');
  /** By hash of the secret. Unknown secrets are not kept, so guessing fills no memory. */
  private readonly keys = new LRUCache<string, ApiKey>({
    max: 1_000,
    ttl: TRUST_MS,
    fetchMethod: async (hash) => this.lookUp(Buffer.from(hash, 'base64')),
  });

  constructor(private readonly repository: ApiKeysRepository) {}

  async authenticate(secret: string, ip: string): Promise<Caller | undefined> {
    const key = await this.keys.fetch(hashOf(secret).toString('base64'));
    if (!key) return undefined;
    assertWorks(key);
    if (key.allowIps !== null && !key.allowIps.some((network) => isIn(ip, network)))
      throw new ApiError(403, 'ip_not_allowed', `The API key "${key.name}" may not be used from ${ip}`);
    return { apiKeyId: key.id, name: key.name, scopes: key.scopes, senders: key.senders, rate: key.rate };
  }

  /** After a change: what this process knows of keys is asked for again. */
  forget(): void {
    this.keys.clear();
  }

  private async lookUp(hash: Buffer): Promise<ApiKey | undefined> {
    const key = await this.repository.byHash(hash);
    if (key && Date.now() - (key.lastUsedAt?.getTime() ?? 0) > TOUCH_AFTER_MS) this.touch(key);
    return key;
  }

  /** No answer waits for it. */
  private touch({ id, revokedAt }: ApiKey): void {
    if (revokedAt !== null) return;
    this.repository
      .touch(id)
      .catch((error: Error) => this.logger.debug(`The use of a key was not noted: ${error.message}`));
  }
}

/** @throws 401 that says what ended the key and when: only who has its secret reads this */
export function assertWorks({ name, prefix, revokedAt, expiresAt }: ApiKey): void {
  const key = `The API key "${name}" (${prefix}…)`;
  if (revokedAt !== null)
    throw new ApiError(401, 'api_key_revoked', `${key} was revoked at ${revokedAt.toISOString()}`);
  if (expiresAt !== null && expiresAt.getTime() <= Date.now())
    throw new ApiError(401, 'api_key_expired', `${key} expired at ${expiresAt.toISOString()}`);
}

/** @param ip may name its zone (`fe80::1%eth0`), which no network does */
function isIn(ip: string, network: string): boolean {
  const parsed = parseNetwork(network);
  return !('problem' in parsed) && inNetwork(ip.replace(/%.*/, ''), parsed.address, parsed.bits);
}
