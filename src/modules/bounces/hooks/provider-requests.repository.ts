import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Executor } from '../../../platform/database/index.js';
import type { ProviderName } from '../providers/mail-provider.js';
import type {
  ClaimedRequest,
  NewRequest,
  RequestState,
  RequestView,
  Settled,
  StoredBody,
} from './provider-request.js';

/** One minute, two, four … an hour: eight tries are two hours. */
export const MAX_TRIES = 8;
const FIRST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 3_600;

@Injectable()
export class ProviderRequestsRepository {
  constructor(private readonly db: Database) {}

  /** One statement for a group, committed when it returns; what is there already stays as it is. @returns the ids of the new ones */
  async store(requests: readonly NewRequest[]): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      INSERT INTO provider_requests (id, provider, sha256, nonce, body)
      SELECT * FROM unnest(${requests.map(({ id }) => id)}::uuid[], ${requests.map(({ provider }) => provider)}::text[],
        ${requests.map(({ sha256 }) => sha256)}::bytea[], ${requests.map(({ nonce }) => nonce)}::bytea[],
        ${requests.map(({ body }) => body)}::bytea[]) AS v (id, provider, sha256, nonce, body)
       ORDER BY provider, sha256
      ON CONFLICT DO NOTHING
      RETURNING id`.execute(this.db);
    return rows.map(({ id }) => id);
  }

  /** Whether this content is stored; otherwise something else has used its nonce. */
  async has({ provider, sha256 }: Pick<NewRequest, 'provider' | 'sha256'>): Promise<boolean> {
    const row = await this.db
      .selectFrom('provider_requests')
      .select('id')
      .where('provider', '=', provider)
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Takes those that are due for one more try, the longest waiting first: as many as fit, and one at least. Counted before it begins:
   * what ends its worker ends too.
   */
  async claim(limit: number, octets = Infinity): Promise<ClaimedRequest[]> {
    const { rows } = await sql<ClaimedRequest>`
      WITH first AS MATERIALIZED (
        SELECT id, octet_length(body) AS size FROM provider_requests
         WHERE state = 'waiting' AND due_at <= now() AND tries < ${MAX_TRIES}
         ORDER BY due_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED),
      fitting AS (
        SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM first) f
         WHERE before < ${octets}::float8)
      UPDATE provider_requests r SET tries = tries + 1,
        due_at = now() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, ${FIRST_PAUSE_SECONDS} * 2 ^ tries))
        FROM fitting f WHERE r.id = f.id
      RETURNING r.id, provider, body, tries, pending`.execute(this.db);
    return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Notes which events are left, in the transaction that takes the others, and locks the row until it ends.
   * @returns false when this try is no longer the last one
   */
  async hold(executor: Executor, { id, tries }: ClaimedRequest, left: readonly number[]): Promise<boolean> {
    const { numUpdatedRows } = await executor
      .updateTable('provider_requests')
      .set({ pending: [...left] })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('tries', '=', tries)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  async settle(
    executor: Executor,
    { id, tries }: ClaimedRequest,
    { state, note, addresses }: Settled,
  ): Promise<void> {
    await executor
      .updateTable('provider_requests')
      .set({ state, note, addresses: [...addresses], pending: null, settled_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('tries', '=', tries)
      .execute();
  }

  /** Locks them until the transaction ends. @returns the ids of those whose last try this still is, and that nothing was taken of */
  async holdWhole(executor: Executor, requests: readonly ClaimedRequest[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ id: string }>`
      SELECT r.id FROM provider_requests r
        JOIN unnest(${requests.map(({ id }) => id)}::uuid[], ${requests.map(({ tries }) => tries)}::int[]) AS v (id, tries)
             USING (id, tries)
       WHERE r.state = 'waiting' AND r.pending IS NULL ORDER BY r.id FOR UPDATE OF r`.execute(executor);
    return new Set(rows.map(({ id }) => id));
  }

  /** Settles those that are held. */
  async settleAll(
    executor: Executor,
    settled: readonly (Settled & { readonly id: string })[],
  ): Promise<void> {
    const column = <T>(pick: (one: Settled & { readonly id: string }) => T) => settled.map(pick);
    await sql`
      UPDATE provider_requests r SET state = v.state, note = v.note, settled_at = now(),
             addresses = ARRAY(SELECT jsonb_array_elements_text(v.addresses))
        FROM unnest(${column(({ id }) => id)}::uuid[], ${column(({ state }) => state)}::text[], ${column(({ note }) => note)}::text[],
                    ${column(({ addresses }) => JSON.stringify(addresses))}::jsonb[]) AS v (id, state, note, addresses)
       WHERE r.id = v.id`.execute(executor);
  }

  /** Notes why a try failed; the last one leaves the request as failed. */
  async failed({ id, tries }: ClaimedRequest, note: string, addresses: readonly string[]): Promise<void> {
    const last = tries >= MAX_TRIES;
    await this.db
      .updateTable('provider_requests')
      .set({
        note,
        addresses: [...addresses],
        ...(last && { state: 'failed', settled_at: sql<Date>`now()` }),
      })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('tries', '=', tries)
      .execute();
  }

  /** How many are due, up to a limit; those whose last try ended with its worker are given up. */
  async countDue(limit: number): Promise<number> {
    await sql`
      UPDATE provider_requests SET state = 'failed', settled_at = now(),
        note = coalesce(note, 'each worker that took it has ended')
      WHERE state = 'waiting' AND due_at <= now() AND tries >= ${MAX_TRIES}`.execute(this.db);
    const { rows } = await sql<{ due: number }>`
      SELECT count(*) AS due FROM (
        SELECT 1 FROM provider_requests WHERE state = 'waiting' AND due_at <= now() LIMIT ${limit}) due_requests`.execute(
      this.db,
    );
    return rows[0]?.due ?? 0;
  }

  /** Makes a request, or all that failed, due again with all of its events. @returns how many */
  async replay(which: { readonly id: string } | 'failed'): Promise<number> {
    const result = await this.db
      .updateTable('provider_requests')
      .set({
        state: 'waiting',
        tries: 0,
        due_at: sql<Date>`now()`,
        pending: null,
        note: null,
        settled_at: null,
      })
      .$if(which === 'failed', (query) => query.where('state', '=', 'failed'))
      .$if(which !== 'failed', (query) => query.where('id', '=', which === 'failed' ? '' : which.id))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** The newest first; ids are in the order of their coming. */
  async list({
    state,
    provider,
    after,
    limit,
  }: {
    readonly state?: RequestState | undefined;
    readonly provider?: ProviderName | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<RequestView[]> {
    return this.db
      .selectFrom('provider_requests')
      .select(['id', 'provider', 'received_at as receivedAt', 'state', 'tries', 'note'])
      .select(sql<number>`octet_length(body)`.as('octets'))
      .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
      .$if(provider !== undefined, (query) => query.where('provider', '=', provider ?? ''))
      .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }

  async count(state: 'waiting' | 'failed'): Promise<number> {
    const { count } = await this.db
      .selectFrom('provider_requests')
      .select((query) => query.fn.countAll<number>().as('count'))
      .where('state', '=', state)
      .executeTakeFirstOrThrow();
    return count;
  }

  async countBefore(executor: Executor, days: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM provider_requests
      WHERE received_at < now() - make_interval(days => ${days}) AND state <> 'waiting'`.execute(executor);
    return rows[0]?.count ?? 0;
  }

  async purgeBefore(executor: Executor, days: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      DELETE FROM provider_requests WHERE id IN (
        SELECT id FROM provider_requests
        WHERE received_at < now() - make_interval(days => ${days}) AND state <> 'waiting'
        ORDER BY received_at LIMIT ${limit})`.execute(executor);
    return Number(numAffectedRows ?? 0);
  }

  /** Those that name one of these addresses (lower case): as the worker noted them, or where none has yet, as their text has them. */
  async naming(executor: Executor, addresses: readonly string[]): Promise<StoredBody[]> {
    if (addresses.length === 0) return [];
    const { rows } = await sql<StoredBody>`
      SELECT id, provider, received_at AS "receivedAt", body FROM provider_requests WHERE addresses && ${addresses}::text[]
      UNION
      SELECT id, provider, received_at, body FROM provider_requests
      WHERE state = 'waiting' AND addresses = '{}' AND EXISTS (
        SELECT FROM unnest(${addresses}::text[]) a
        WHERE position(lower(encode(convert_to(a, 'UTF8'), 'escape')) IN lower(encode(body, 'escape'))) > 0)
      ORDER BY 1`.execute(executor);
    return rows;
  }

  async remove(executor: Executor, id: string): Promise<void> {
    await executor.deleteFrom('provider_requests').where('id', '=', id).execute();
  }

  async rewrite(executor: Executor, id: string, body: Buffer, addresses: readonly string[]): Promise<void> {
    await executor
      .updateTable('provider_requests')
      .set({ body, addresses: [...addresses] })
      .where('id', '=', id)
      .execute();
  }
}
