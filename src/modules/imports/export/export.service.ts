import { Injectable } from '@nestjs/common';
import { CSV_START, csvLine } from '../../../domain/index.js';
import { Database, type SubscriptionStatus } from '../../../platform/database/index.js';
import { invalid } from '../../../platform/http/index.js';
import { Lists } from '../../lists/index.js';
import { ExportRepository, type ExportFilter, type ExportRow } from './export.repository.js';

const PAGE = 1_000;
const columns = [
  'email',
  'name',
  'locale',
  'timezone',
  'list',
  'status',
  'asked at',
  'confirmed at',
  'left at',
  'source',
];

export interface ExportQuery {
  /** Slug. */
  readonly list?: string | undefined;
  readonly status?: SubscriptionStatus | undefined;
}

/** People and their subscriptions as CSV, one row a subscription, a page of them in memory at a time. */
@Injectable()
export class SubscribersExport {
  constructor(
    private readonly db: Database,
    private readonly repository: ExportRepository,
    private readonly lists: Lists,
  ) {}

  /**
   * The file in pieces. Attributes have a column each, as `attributes.city`. Texts that look like a formula have an apostrophe in front.
   * @throws 422 for an unknown list, before the first piece
   */
  async csv({ list: slug, status }: ExportQuery): Promise<AsyncGenerator<string>> {
    const list = slug === undefined ? undefined : await this.lists.bySlug(this.db, slug);
    if (slug !== undefined && !list) throw invalid('list', `there is no list "${slug}"`);
    const filter = { listId: list?.id, status };
    return this.pieces(filter, await this.repository.attributeKeys(this.db, filter));
  }

  private async *pieces(filter: ExportFilter, keys: readonly string[]): AsyncGenerator<string> {
    yield CSV_START + csvLine([...columns, ...keys.map((key) => `attributes.${key}`)]);
    for (let after: string | undefined; ;) {
      const rows = await this.repository.page(this.db, filter, after, PAGE);
      if (rows.length > 0) yield rows.map((row) => csvLine(cells(row, keys))).join('');
      if (rows.length < PAGE) return;
      after = rows.at(-1)?.id;
    }
  }
}

function cells(row: ExportRow, keys: readonly string[]): string[] {
  const { address, name, locale, timezone, list, status, askedAt, confirmedAt, leftAt, source, attributes } =
    row;
  const times = [askedAt, confirmedAt, leftAt].map((at) => at?.toISOString());
  const all = [
    address,
    name,
    locale,
    timezone,
    list,
    status,
    ...times,
    source,
    ...keys.map((key) => attributes[key]),
  ];
  return all.map(asText);
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
