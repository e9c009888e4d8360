import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { tooMany } from './api-error.js';
import { SharedRateLimits } from './rate-limit.js';

/** For forms that anybody may post: so many a minute per IP address (IPv6: per /64). Use with `@Throttle`. */
@Injectable()
export class PublicRateLimit extends ThrottlerGuard {
  protected override throwThrottlingException(
    _: ExecutionContext,
    detail: ThrottlerLimitDetail,
  ): Promise<void> {
    throw tooMany(detail.timeToBlockExpire);
  }
}

const FAILURES_A_MINUTE = 60;

/**
 * Slows down who guesses keys or tokens: only wrong guesses count, so a mailbox provider that posts thousands of valid
 * one-click requests from one address is never turned away.
 */
@Injectable()
export class FailureLimit {
  constructor(private readonly limits: SharedRateLimits) {}

  /** Counts a wrong guess. @throws 429 when this address has made too many */
  async count(kind: 'api-key' | 'token', request: FastifyRequest): Promise<void> {
    const hit = await this.limits.increment(`${kind} ${request.ip}`, 60_000, FAILURES_A_MINUTE, 60_000);
    if (hit.isBlocked) throw tooMany(hit.timeToBlockExpire);
  }
}
