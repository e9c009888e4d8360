import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { rateInWords, secondsOf, type KeyRate } from '../../domain/index.js';
import { ApiError } from './api-error.js';
import { SharedRateLimits } from './rate-limit.js';

interface LimitedKey {
  readonly apiKeyId: string;
  readonly name: string;
  readonly rate: KeyRate;
}

/** So many requests in a window for each key that has a limit, whichever API process answers. A key without one costs nothing here. */
@Injectable()
export class KeyRateLimit {
  /** Keys whose window is full: until it ends they are refused without asking, so that a loop in a client costs the database nothing. */
  private readonly full = new LRUCache<string, true>({ max: 1_000 });

  constructor(private readonly limits: SharedRateLimits) {}

  /** Counts a request and says in its answer how many are left. @throws 429 with Retry-After where there is none */
  async count({ apiKeyId, name, rate }: LimitedKey, reply: FastifyReply): Promise<void> {
    const window = secondsOf(rate);
    const key = `key ${apiKeyId} ${window}`;
    const counting = `${key} ${rate.requests}`;
    const restMs = this.full.getRemainingTTL(counting);
    const counted =
      restMs > 0 ? { hits: Infinity, left: restMs / 1000 } : await this.limits.count(key, window);
    if (!counted) return;
    const { hits } = counted;
    const reset = Math.max(1, Math.ceil(counted.left));
    void reply
      .header('RateLimit-Policy', `${rate.requests};w=${window}`)
      .header('RateLimit-Limit', rate.requests)
      .header('RateLimit-Remaining', Math.max(0, rate.requests - hits))
      .header('RateLimit-Reset', reset);
    if (hits <= rate.requests) return;
    if (restMs <= 0) this.full.set(counting, true, { ttl: Math.max(1, Math.ceil(counted.left * 1000)) });
    throw new ApiError(
      429,
      'too_many_requests',
      `The API key "${name}" may make ${rateInWords(rate)}; try again in ${reset} s`,
      [],
      reset,
    );
  }
}
