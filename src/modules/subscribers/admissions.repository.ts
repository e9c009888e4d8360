import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { CopyWork, Executor } from '../../platform/database/index.js';
import type { AdmissionTerms, Candidate, Joined, Reason } from './admissions.types.js';

/** The steps of an admission. They work on a temporary table that the transaction's end takes away. */
@Injectable()
export class AdmissionsRepository {
  async stage({ trx, copy }: CopyWork, candidates: readonly Candidate[]): Promise<void> {
    await sql`
      CREATE TEMPORARY TABLE candidates (
        id uuid, canonical text, address text, name text, locale text, attributes jsonb, agreed_at timestamptz,
        person_id uuid, is_new boolean NOT NULL DEFAULT true, reason text) ON COMMIT DROP`.execute(trx);
    await copy(
      'candidates (id, person_id, canonical, address, name, locale, attributes, agreed_at)',
      staged(candidates),
    );
  }

  /**
   * Makes the people who are not there and locks those who are, in one order, so that two imports of the same people wait for each other.
   * Somebody who is erased meanwhile is found by neither: their new row is ours.
   * @returns how many were there before
   */
  async claimPeople(trx: Executor, candidates: number): Promise<number> {
    const { numAffectedRows: made } = await sql`
      INSERT INTO people (id, canonical, address, name, locale, attributes)
      SELECT id, canonical, address, name, locale, attributes FROM candidates ORDER BY canonical
      ON CONFLICT (canonical) DO NOTHING`.execute(trx);
    const others = candidates - Number(made);
    if (others === 0) return 0;
    const { numAffectedRows: known } = await sql`
      WITH known AS (
        SELECT c.id, p.id AS person_id FROM candidates c JOIN people p ON p.canonical = c.canonical
         WHERE p.id <> c.id ORDER BY p.canonical FOR UPDATE OF p)
      UPDATE candidates c SET person_id = known.person_id, is_new = false FROM known WHERE known.id = c.id`.execute(
      trx,
    );
    // There when we inserted, and gone before the lock.
    if (Number(known) < others) {
      await sql`
        UPDATE candidates c SET reason = 'erased'
         WHERE is_new AND NOT EXISTS (SELECT FROM people p WHERE p.id = c.person_id)`.execute(trx);
    }
    return others;
  }

  /** @param addresses canonical ones */
  async turnAway(trx: Executor, addresses: readonly string[], reason: Reason): Promise<void> {
    if (addresses.length === 0) return;
    await sql`
      UPDATE candidates SET reason = ${reason} WHERE canonical = ANY(${addresses}::text[])`.execute(trx);
    await sql`
      DELETE FROM people p USING candidates c
       WHERE c.is_new AND c.reason IS NOT NULL AND p.id = c.person_id`.execute(trx);
  }

  /** Those who have left every list that they were on, and those of whom no list here is left. */
  async turnAwayLeavers(trx: Executor, listIds: readonly string[]): Promise<void> {
    await sql`
      WITH past AS (
        SELECT c.id,
               bool_or(s.left_at IS NOT NULL)
                 AND bool_and(s.status = 'unsubscribed' OR s.left_at IS NOT NULL) AS left_all,
               count(*) FILTER (WHERE s.list_id = ANY(${listIds}::uuid[])
                 AND (s.status = 'unsubscribed' OR s.left_at IS NOT NULL)) = ${listIds.length} AS out_of_these,
               bool_or(s.left_at IS NOT NULL AND s.list_id = ANY(${listIds}::uuid[])) AS left_these
          FROM candidates c JOIN subscriptions s ON s.person_id = c.person_id
         WHERE NOT c.is_new AND c.reason IS NULL GROUP BY c.id)
      UPDATE candidates c SET reason = CASE WHEN left_all OR left_these THEN 'left' ELSE 'refused' END
        FROM past WHERE past.id = c.id AND (left_all OR out_of_these)`.execute(trx);
  }

  /**
   * Confirms who is on none of the lists yet, or waits to confirm without ever having left. The ids are UUIDv7: the time is that of the
   * candidate's id, the rest random, made here because each list needs its own.
   */
  async join(trx: Executor, { listIds, source }: AdmissionTerms): Promise<Joined[]> {
    const { rows } = await sql<Joined>`
      INSERT INTO subscriptions AS s (id, person_id, list_id, status, asked_at, confirmed_at, source)
      SELECT (left(c.id::text, 15) || right(gen_random_uuid()::text, 21))::uuid, c.person_id, list_id, 'confirmed',
             coalesce(c.agreed_at, now()), coalesce(c.agreed_at, now()), ${source}
        FROM candidates c CROSS JOIN unnest(${listIds}::uuid[]) list_id WHERE c.reason IS NULL
      ON CONFLICT (person_id, list_id) DO UPDATE
         SET status = 'confirmed', confirmed_at = excluded.confirmed_at, source = excluded.source, updated_at = now()
       WHERE s.status = 'pending' AND s.left_at IS NULL
      RETURNING id, person_id AS "personId", list_id AS "listId"`.execute(trx);
    return rows;
  }

  /** What is known of people who were here before. @returns the candidates of whom something is different now */
  async describe(trx: Executor, wins: AdmissionTerms['wins']): Promise<string[]> {
    const [first, second] =
      wins === 'new' ? [sql.raw('c'), sql.raw('stored')] : [sql.raw('stored'), sql.raw('c')];
    const { rows } = await sql<{ id: string }>`
      WITH described AS (
        SELECT c.id, c.person_id, stored.name AS old_name, stored.locale AS old_locale, stored.attributes AS old_attributes,
               coalesce(${first}.name, ${second}.name) AS name, coalesce(${first}.locale, ${second}.locale) AS locale,
               ${second}.attributes || ${first}.attributes AS attributes
          FROM candidates c JOIN people stored ON stored.id = c.person_id
         WHERE NOT c.is_new AND c.reason IS NULL)
      UPDATE people p SET name = d.name, locale = d.locale, attributes = d.attributes, updated_at = now()
        FROM described d
       WHERE p.id = d.person_id
         AND (old_name, old_locale, old_attributes) IS DISTINCT FROM (d.name, d.locale, d.attributes)
      RETURNING d.id`.execute(trx);
    return rows.map(({ id }) => id);
  }

  /** All candidates but the new ones who are in. */
  async known(trx: Executor): Promise<{ id: string; personId: string; reason: Reason | null }[]> {
    const { rows } = await sql<{ id: string; personId: string; reason: Reason | null }>`
      SELECT id, person_id AS "personId", reason FROM candidates
       WHERE NOT is_new OR reason IS NOT NULL`.execute(trx);
    return rows;
  }
}

function* staged(candidates: readonly Candidate[]) {
  for (const { id, address, name, locale, attributes, agreedAt } of candidates)
    yield [id, id, address.canonical, address.typed, name, locale, JSON.stringify(attributes), agreedAt];
}
