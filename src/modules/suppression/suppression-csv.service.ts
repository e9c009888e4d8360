import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import { newId, toCsv } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { ApiError, detailsOf } from '../../platform/http/index.js';
import type { ListNames } from './list-names.js';
import { SuppressionRepository } from './suppression.repository.js';
import { importRow, type ImportAnswer } from './suppression-csv.schemas.js';
import type { NewSuppression } from './suppression.types.js';

/** Rows a statement: 1,000,000 rows are in within a minute, and memory holds one group. */
const GROUP = 2_000;
/** Errors that the answer names; all are counted. */
const MOST_ERRORS = 1_000;
const LONGEST_ROW = 64 * 1024;
const COLUMNS = ['address', 'scope', 'list', 'reason', 'evidence'];
const EXPORTED = [...COLUMNS, 'createdAt', 'releasedAt', 'releaseNote'];

type Row = NewSuppression & { readonly id: string };
type RowProblem = { readonly field: string; readonly message: string };

/** Suppressions in and out as CSV, streamed: as many as there are, in the memory of a few. */
@Injectable()
export class SuppressionCsv {
  constructor(
    private readonly db: Database,
    private readonly repository: SuppressionRepository,
  ) {}

  /**
   * All rows that are valid, in one transaction: a body that ends half-way leaves nothing behind. What is active already stays. No
   * event tells of single rows, or a webhook would be sent for each.
   * @param dryRun does all of it, and takes it back
   * @throws 422 for a header without `address` or with unknown columns, 400 for what is no CSV
   */
  async import(body: Readable, dryRun: boolean, lists: ListNames): Promise<ImportAnswer> {
    const answer = { dryRun, rows: 0, added: 0, known: 0, invalid: 0, errors: [] as ImportAnswer['errors'] };
    const undo = new Error('dry run');
    try {
      await this.db.transaction().execute(async (trx) => {
        let group: Row[] = [];
        const flush = async () => {
          const added = group.length > 0 ? await this.repository.import(trx, group) : 0;
          answer.added += added;
          answer.known += group.length - added;
          group = [];
        };
        const toRow = rowReader(trx, lists);
        for await (const { record, info } of records(body)) {
          answer.rows += 1;
          // An export with those that were released: what somebody has lifted is not put back by moving house.
          if (record['releasedAt']) {
            answer.known += 1;
            continue;
          }
          const row = await toRow(record);
          if ('address' in row) group.push(row);
          else {
            answer.invalid += 1;
            if (answer.errors.length < MOST_ERRORS) answer.errors.push({ line: info.lines, ...row });
          }
          if (group.length >= GROUP) await flush();
        }
        await flush();
        if (dryRun) throw undo;
      });
    } catch (error) {
      if (error !== undo) throw asProblem(error);
    }
    return answer;
  }

  /** @param active only those that hold now */
  export(active: boolean, lists: ListNames): Readable {
    return Readable.from(this.lines(active, lists), { objectMode: false });
  }

  private async *lines(active: boolean, lists: ListNames): AsyncGenerator<string> {
    yield toCsv([EXPORTED]);
    for (let after: string | null = null; ;) {
      const page = await this.repository.page(this.db, after, GROUP, active);
      const last = page.at(-1);
      if (!last) return;
      after = last.id;
      const ids = [...new Set(page.flatMap(({ listId }) => listId ?? []))];
      const slugs = new Map((await lists.byIds(this.db, ids)).map(({ id, slug }) => [id, slug]));
      // Each call begins with a byte order mark, which belongs at the very start alone.
      yield toCsv(
        page.map((one) => [
          one.address,
          one.scope,
          one.listId === null ? '' : (slugs.get(one.listId) ?? ''),
          one.reason,
          one.evidence ?? '',
          one.createdAt.toISOString(),
          one.releasedAt?.toISOString() ?? '',
          one.releaseNote ?? '',
        ]),
      ).slice(1);
    }
  }
}

/** Reads rows; a list is looked up once. */
function rowReader(executor: Executor, lists: ListNames) {
  const listIds = new Map<string, string | undefined>();
  return async (record: Record<string, string>): Promise<Row | RowProblem> => {
    const parsed = importRow.safeParse(withoutBlanks(record));
    if (!parsed.success) {
      const [first] = detailsOf(parsed.error.issues);
      return { field: first?.field ?? '', message: first?.message ?? 'is not valid' };
    }
    const { address, scope, list, reason, evidence = null } = parsed.data;
    if (list !== undefined && !listIds.has(list)) listIds.set(list, (await lists.bySlug(executor, list))?.id);
    const listId = list === undefined ? null : listIds.get(list);
    if (listId === undefined) return { field: 'list', message: `there is no list "${list}"` };
    return { id: newId(), address: address.canonical, scope, reason, evidence, listId };
  };
}

interface CsvRecord {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

function records(body: Readable): AsyncIterable<CsvRecord> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkedHeader(header.map((name) => name.trim())),
    info: true,
    max_record_size: LONGEST_ROW,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // A pipe does not carry errors: a client that goes away must end the transaction.
  body.on('error', (error) => parser.destroy(error));
  body.on('close', () => {
    if (!body.readableEnded) parser.destroy(new ApiError(400, 'body_cut', 'The body ended before its end'));
  });
  return body.pipe(parser);
}

function checkedHeader(header: string[]): string[] {
  const unknown = header.filter((name) => !EXPORTED.includes(name));
  if (!header.includes('address') || unknown.length > 0) {
    const problem = `The first line must name the columns: ${COLUMNS.join(', ')}; only address is needed`;
    throw new ApiError(422, 'validation_failed', problem, [
      { field: unknown[0] ?? 'address', message: unknown[0] === undefined ? 'is missing' : 'is no column' },
    ]);
  }
  return header;
}

/** An empty cell is none. The apostrophe that an export sets before what a spreadsheet would run goes again. */
function withoutBlanks(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([name, value]) => COLUMNS.includes(name) && value !== '')
      .map(([name, value]) => [name, value.replace(/^'(?=\s*[=+\-@'＝＋－＠])/u, '')]),
  );
}

function asProblem(error: unknown): unknown {
  const code = (error as { code?: string }).code ?? '';
  return code.startsWith('CSV_')
    ? new ApiError(400, 'not_csv', `The body is not CSV: ${(error as Error).message}`)
    : error;
}
