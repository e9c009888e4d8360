import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { CountedReport } from '../../domain/index.js';
import type { Database, Executor } from '../../platform/database/index.js';
import { countRows, inChunks } from '../../platform/personal-data/index.js';
import type { AddressReport, ReportView } from './address-reports.types.js';

@Injectable()
export class AddressReportsRepository {
  /**
   * Notes them; a delivery bounces once and is complained about once, whoever tells it. A hard bounce overrides a soft one.
   * @returns the places of those that are news
   */
  async add(
    executor: Executor,
    reports: readonly (AddressReport & { readonly weight: number })[],
  ): Promise<ReadonlySet<number>> {
    const column = <T>(pick: (report: AddressReport & { readonly weight: number }) => T) => reports.map(pick);
    const keys = reports.map(keyOf);
    const { rows } = await sql<{ id: number; bucket: string; kind: string }>`
      INSERT INTO mail_reports AS r (source, kind, canonical, recipient_domain, bucket, delivery_id, life, reason, hard, status, reply, weight)
      SELECT DISTINCT ON (bucket, delivery_id, kind) * FROM unnest(
        ${column(({ source }) => source)}::text[], ${column(({ kind }) => kind)}::text[],
        ${column(({ address }) => address)}::text[], ${column(({ domain }) => domain)}::text[],
        ${column(({ delivery }) => delivery.bucket)}::date[], ${column(({ delivery }) => delivery.id)}::bigint[],
        ${column(({ life }) => life)}::timestamptz[], ${column(({ reason }) => reason)}::text[],
        ${column(({ hard }) => hard)}::boolean[], ${column(({ status }) => status)}::text[],
        ${column(({ reply }) => reply)}::text[], ${column(({ weight }) => weight)}::real[])
        AS v (source, kind, canonical, recipient_domain, bucket, delivery_id, life, reason, hard, status, reply, weight)
       ORDER BY bucket, delivery_id, kind, hard DESC
      ON CONFLICT (bucket, delivery_id, kind, life) DO UPDATE
        SET source = excluded.source, reason = excluded.reason, hard = true, status = excluded.status, reply = excluded.reply, weight = 0
        WHERE excluded.hard AND NOT r.hard
      RETURNING delivery_id AS id, bucket, kind`.execute(executor);
    const isNew = new Set(rows.map(({ id, bucket, kind }) => `${bucket} ${id} ${kind}`));
    return new Set(keys.flatMap((key, at) => (isNew.has(key) ? [at] : [])));
  }

  /** What counts against these addresses, by address. Who lifts a suppression for bounces says that mail arrives: the count begins anew. */
  async counted(
    executor: Executor,
    addresses: readonly string[],
    days: number,
  ): Promise<Map<string, CountedReport[]>> {
    const { rows } = await sql<CountedReport & { address: string }>`
      SELECT canonical AS address, weight, extract(epoch FROM now() - at)::float8 / 86400 AS "ageDays"
        FROM mail_reports r
       WHERE canonical = ANY(${addresses}::text[]) AND weight > 0 AND at > now() - make_interval(days => ${days})
         AND NOT EXISTS (SELECT FROM suppressions s
                          WHERE s.canonical = r.canonical AND s.reason IN ('soft_bounces', 'hard_bounce') AND s.released_at >= r.at)`.execute(
      executor,
    );
    return Map.groupBy(rows, ({ address }) => address);
  }

  /** Limits of the lists that have one of their own. */
  async listLimits(executor: Executor, listIds: readonly string[]): Promise<Map<string, number>> {
    if (listIds.length === 0) return new Map();
    const { rows } = await sql<{ id: string; limit: number }>`
      SELECT id, soft_bounce_limit AS "limit" FROM lists
       WHERE id = ANY(${listIds}::uuid[]) AND soft_bounce_limit IS NOT NULL`.execute(executor);
    return new Map(rows.map(({ id, limit }) => [id, limit]));
  }

  /** The newest first. */
  async of(executor: Executor, address: string, limit: number): Promise<ReportView[]> {
    return executor
      .selectFrom('mail_reports')
      .select(['at', 'source', 'kind', 'reason', 'hard', 'status', 'reply', 'weight'])
      .where('canonical', '=', address)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute();
  }

  /** Another name for the same address (docs/decisions/0010). @param bare also drops what servers said, where addresses stand */
  async rename(executor: Executor, from: string, to: string, bare: boolean): Promise<void> {
    await executor
      .updateTable('mail_reports')
      .set({ canonical: to, ...(bare && { reply: null }) })
      .where('canonical', '=', from)
      .execute();
  }

  async countBefore(executor: Executor, days: number): Promise<number> {
    return countRows(executor, executor.selectFrom('mail_reports').select('id').where('at', '<', ago(days)));
  }

  async purgeBefore(db: Database, days: number): Promise<number> {
    return inChunks(async (limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('mail_reports')
        .where('id', 'in', (row) =>
          row.selectFrom('mail_reports').select('id').where('at', '<', ago(days)).limit(limit),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    });
  }
}

const ago = (days: number) => sql<Date>`now() - make_interval(days => ${days})`;

const keyOf = ({ delivery, kind }: AddressReport): string => `${delivery.bucket} ${delivery.id} ${kind}`;
