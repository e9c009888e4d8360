import { sql } from 'kysely';
import { roomIn, windowAt, withTaken, type QuotaWindow } from '../../../domain/index.js';
import type { Database, Executor } from '../../../platform/database/index.js';
import { bookLine } from './line.js';
import { spans, type Limits, type Span } from './quota.types.js';

/** What a worker did not use, and where the windows end that it was taken from. */
export interface Unused {
  readonly count: number;
  readonly endsAt: Readonly<Partial<Record<Span, number>>>;
}

export interface QuotaRequest {
  readonly subject: string;
  readonly limits: Limits;
  readonly bulk: boolean;
  readonly wanted: number;
  /** Goes back into the windows that are still open. */
  readonly unused: readonly Unused[];
  /** How many places in the line of those that wait are booked where there is no room. */
  readonly places: number;
}

/** `…Ms` counts from the database's now, so that the clocks of the machines do not matter. */
export interface QuotaAnswer {
  readonly granted: number;
  /** By the database's clock: the windows in which it counts. */
  readonly endsAt: Readonly<Partial<Record<Span, number>>>;
  /** How long it may be used: until the first of them ends. */
  readonly usableMs: number;
  /** The limit that is used up, and when there is more; undefined where everything was granted. */
  readonly limitedBy: { readonly span: Span; readonly forMs: number } | undefined;
  /** The booked places, each a time at which a mail that waits can go; fewer than asked for where the line is too long. */
  readonly placesInMs: readonly number[];
}

interface Row extends QuotaWindow {
  readonly span: Span;
  readonly line: number;
  readonly bulkLine: number;
  readonly now: number;
}

/** The counts that all workers share. */
export class WindowsRepository {
  constructor(private readonly db: Database) {}

  /** Takes what there is, at most `wanted`; never more than a limit in any of its windows, because the rows are locked meanwhile. */
  async take(request: QuotaRequest): Promise<QuotaAnswer> {
    const { subject, limits, bulk } = request;
    const wantedSpans = spans.filter((span) => limits[span] !== undefined);
    if (wantedSpans.length === 0) return unlimited(request.wanted);
    return this.db.work(async ({ trx }) => {
      const rows = await this.lock(trx, subject, wantedSpans);
      // A row's window may have been opened by somebody whose statement began later.
      const now = Math.max(...rows.map((row) => row.now));
      const open = rows.map((row) => ({ row, limit: limits[row.span]!, window: current(row, request, now) }));
      const rooms = open.map(({ window, limit }) => roomIn(window, limit, bulk));
      const granted = Math.max(0, Math.min(request.wanted, ...rooms));
      const tightest = open[rooms.indexOf(Math.min(...rooms))]!;
      const lines = open.map(({ row, limit, window }) => {
        const line = bulk ? row.bulkLine : row.line;
        const book = row.span === tightest.row.span && granted < request.wanted ? request.places : 0;
        return bookLine({ line: Math.max(line, window.endsAt), places: book, limit, bulk, now });
      });
      await this.save(
        trx,
        subject,
        bulk,
        open.map(({ row, window }, index) => ({
          span: row.span,
          ...withTaken(window, granted, bulk),
          line: lines[index]!.line,
        })),
      );
      return {
        granted,
        endsAt: Object.fromEntries(open.map(({ row, window }) => [row.span, window.endsAt])),
        usableMs: Math.min(...open.map(({ window }) => window.endsAt)) - now,
        limitedBy:
          granted < request.wanted
            ? { span: tightest.row.span, forMs: tightest.window.endsAt - now }
            : undefined,
        placesInMs: lines.flatMap(({ places }) => places).map((place) => place - now),
      };
    });
  }

  /** What was given out in the windows that are open now. */
  async used(subjects: readonly string[]): Promise<Map<string, Partial<Record<Span, number>>>> {
    const { rows } = await sql<{ subject: string; span: Span; used: number }>`
      SELECT subject, span, used FROM quota_windows WHERE subject = ANY(${subjects}) AND ends_at > now()`.execute(
      this.db,
    );
    const used = new Map<string, Partial<Record<Span, number>>>();
    for (const row of rows) used.set(row.subject, { ...used.get(row.subject), [row.span]: row.used });
    return used;
  }

  private async lock(executor: Executor, subject: string, wanted: readonly Span[]): Promise<readonly Row[]> {
    const select = async () =>
      (
        await sql<Row>`
          SELECT span, ${milliseconds('ends_at')} AS "endsAt", used, bulk, ${milliseconds('line')} AS line,
                 ${milliseconds('bulk_line')} AS "bulkLine", extract(epoch FROM clock_timestamp())::float8 * 1000 AS now
            FROM quota_windows WHERE subject = ${subject} AND span = ANY(${wanted}) ORDER BY span FOR UPDATE`.execute(
          executor,
        )
      ).rows;
    const rows = await select();
    if (rows.length === wanted.length) return rows;
    await sql`
      INSERT INTO quota_windows (subject, span) SELECT ${subject}, unnest(${wanted}::text[]) ON CONFLICT DO NOTHING`.execute(
      executor,
    );
    return select();
  }

  private async save(
    executor: Executor,
    subject: string,
    bulk: boolean,
    windows: readonly (QuotaWindow & { span: Span; line: number })[],
  ): Promise<void> {
    const line = sql.ref(bulk ? 'bulk_line' : 'line');
    await sql`
      UPDATE quota_windows q SET ends_at = to_timestamp(w.ends_at / 1000), used = w.used, bulk = w.bulk,
             ${line} = to_timestamp(w.line / 1000)
        FROM jsonb_to_recordset(${JSON.stringify(windows.map(({ endsAt, ...window }) => ({ ends_at: endsAt, ...window })))}::jsonb)
             AS w (span text, ends_at float8, used integer, bulk integer, line float8)
       WHERE q.subject = ${subject} AND q.span = w.span`.execute(executor);
  }
}

/** The limit was lifted since the question was asked. */
function unlimited(wanted: number): QuotaAnswer {
  return { granted: wanted, endsAt: {}, usableMs: 0, limitedBy: undefined, placesInMs: [] };
}

/** `-infinity` is no number of milliseconds that pg reads back as one. */
function milliseconds(column: string) {
  return sql`(extract(epoch FROM greatest(${sql.ref(column)}, 'epoch'::timestamptz))::float8 * 1000)`;
}

/** The window of a row at this moment, with what comes back to it. */
function current(row: Row, { limits, unused, bulk }: QuotaRequest, now: number): QuotaWindow {
  const window = windowAt({ endsAt: row.endsAt, used: row.used, bulk: row.bulk }, limits[row.span]!, now);
  // The database keeps microseconds, a number of milliseconds has more digits.
  const back = unused.filter(({ endsAt }) => Math.abs((endsAt[row.span] ?? 0) - window.endsAt) < 1);
  return back.reduce((open, { count }) => withTaken(open, -count, bulk), window);
}
