import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database, type Work } from '../database/index.js';
import { ApiError, conflict, invalid } from './api-error.js';
import { callerOf } from './authentication.js';

/** How long the answer to an Idempotency-Key is kept, in hours. */
export const IDEMPOTENCY_HOURS = 48;

/** The name of the error for a request whose first copy is not done yet. */
export const IN_FLIGHT = 'idempotency_in_flight';

/** An answer with the status that goes with it. */
export interface Answer<T extends object> {
  readonly status: number;
  readonly body: T;
}

/**
 * Runs a POST that creates, in one transaction, at most once per Idempotency-Key and API key. The answer is stored in the
 * same transaction as what was created, so a crash leaves both or neither; the same request again gets the stored answer.
 */
@Injectable()
export class Once {
  constructor(private readonly db: Database) {}

  async run<T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    body: (work: Work) => Promise<Answer<T>>,
  ): Promise<T> {
    const answer = await this.guarded(request, idempotencyKey(request), request.body, body);
    void reply.status(answer.status);
    return answer.body;
  }

  /**
   * Ties the Idempotency-Key of a request to the whole of it, before `runItem` takes it apart: a key that comes back with other things,
   * or more of them, is a mistake and does none of them. @throws 422 where the key was used with another request
   */
  async tie(request: FastifyRequest): Promise<void> {
    const key = idempotencyKey(request);
    if (key !== undefined)
      await this.guarded(request, key, request.body, async () => ({ status: 200, body: {} }));
  }

  /**
   * One of many things that a request asks for, in a transaction of its own. With an Idempotency-Key the whole call can be made again:
   * what was answered for a place gets the same answer.
   * @param item what the request says at this place
   */
  async runItem<T extends object>(
    request: FastifyRequest,
    index: number,
    item: unknown,
    body: (work: Work) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const key = idempotencyKey(request);
    return this.guarded(request, key && `${key} [${index}]`, item, body);
  }

  private async guarded<T extends object>(
    request: FastifyRequest,
    key: string | undefined,
    asked: unknown,
    body: (work: Work) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const apiKeyId = callerOf(request)?.apiKeyId;
    if (key === undefined || apiKeyId === undefined) return this.db.work(body);
    const hash = requestHash(request, asked);
    return this.db.work((work) => this.replayOrRun(work, apiKeyId, key, hash, body));
  }

  private async replayOrRun<T extends object>(
    work: Work,
    apiKeyId: string,
    key: string,
    hash: Buffer,
    body: (work: Work) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const { trx } = work;
    const lock = await sql<{ taken: boolean }>`
      SELECT pg_try_advisory_xact_lock(hashtextextended(${`${apiKeyId} ${key}`}, 0)) AS taken`.execute(trx);
    if (!lock.rows[0]?.taken) {
      throw conflict(IN_FLIGHT, `A request with Idempotency-Key ${key} is still running; try again shortly`);
    }
    const stored = await trx
      .selectFrom('idempotency_keys')
      .select(['request_hash', 'status', 'response'])
      .where('api_key_id', '=', apiKeyId)
      .where('key', '=', key)
      .executeTakeFirst();
    if (stored) {
      if (!stored.request_hash.equals(hash)) {
        throw new ApiError(
          422,
          'idempotency_mismatch',
          `Idempotency-Key ${key} was used with another request`,
        );
      }
      return { status: stored.status, body: stored.response as T };
    }
    const answer = await body(work);
    await trx
      .insertInto('idempotency_keys')
      .values({
        api_key_id: apiKeyId,
        key,
        request_hash: hash,
        status: answer.status,
        response: JSON.stringify(answer.body),
      })
      .execute();
    return answer;
  }
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const value = request.headers['idempotency-key'];
  if (value === undefined || Array.isArray(value)) return undefined;
  if (value === '' || value.length > 255) throw invalid('Idempotency-Key', 'must have 1 to 255 characters');
  return value;
}

function requestHash(request: FastifyRequest, asked: unknown): Buffer {
  const [path] = request.url.split('?');
  return createHash('sha256')
    .update(`${request.method} ${path}\n${JSON.stringify(asked)}`)
    .digest();
}
