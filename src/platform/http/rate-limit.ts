import { Injectable, Logger } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { sql } from 'kysely';
import { Database } from '../database/index.js';

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Counters of the rate limits in PostgreSQL, so that all API processes count together. */
@Injectable()
export class SharedRateLimits implements ThrottlerStorage {
  private readonly logger = new Logger('RateLimit');

  constructor(private readonly db: Database) {}

  /**
   * Counts one more in a window that begins with its first.
   * @returns how many there are in it now and how many seconds it goes on; undefined where the database does not answer
   */
  async count(key: string, seconds: number): Promise<{ hits: number; left: number } | undefined> {
    try {
      const { rows } = await sql<{ hits: number; left: number }>`
        INSERT INTO rate_limits AS r (key, hits, expires_at) VALUES (${key}, 1, now() + make_interval(secs => ${seconds}))
        ON CONFLICT (key) DO UPDATE SET
          hits = CASE WHEN r.expires_at <= now() THEN 1 ELSE r.hits + 1 END,
          expires_at = CASE WHEN r.expires_at <= now() THEN excluded.expires_at ELSE r.expires_at END
        RETURNING hits, extract(epoch FROM expires_at - now())::float8 AS left`.execute(this.db);
      return rows[0];
    } catch (error) {
      this.notCounted(error);
      return undefined;
    }
  }

  /** @param ttl and blockDuration in milliseconds; the answer's times are in seconds */
  async increment(key: string, ttl: number, limit: number, blockDuration: number): Promise<Hit> {
    const seconds = ttl / 1000;
    try {
      const { rows } = await sql<{ hits: number; left: number; blocked: number }>`
        INSERT INTO rate_limits AS r (key, hits, expires_at) VALUES (${key}, 1, now() + make_interval(secs => ${seconds}))
        ON CONFLICT (key) DO UPDATE SET
          hits = CASE WHEN r.expires_at < now() THEN 1 ELSE r.hits + 1 END,
          expires_at = CASE WHEN r.expires_at < now() THEN excluded.expires_at ELSE r.expires_at END,
          blocked_until = CASE
            WHEN r.expires_at >= now() AND r.hits + 1 > ${limit} AND coalesce(r.blocked_until < now(), true)
            THEN now() + make_interval(secs => ${blockDuration / 1000}) ELSE r.blocked_until END
        RETURNING hits, extract(epoch FROM expires_at - now())::float8 AS left,
                  coalesce(extract(epoch FROM blocked_until - now()), 0)::float8 AS blocked`.execute(this.db);
      const { hits, left, blocked } = rows[0] ?? { hits: 1, left: seconds, blocked: 0 };
      return {
        totalHits: hits,
        timeToExpire: Math.ceil(left),
        isBlocked: blocked > 0,
        timeToBlockExpire: Math.max(0, Math.ceil(blocked)),
      };
    } catch (error) {
      this.notCounted(error);
      return { totalHits: 0, timeToExpire: 0, isBlocked: false, timeToBlockExpire: 0 };
    }
  }

  /** The request itself will say that the database is down, in its own words. */
  private notCounted(error: unknown): void {
    this.logger.debug(`not counted: ${(error as Error).message}`);
  }
}
