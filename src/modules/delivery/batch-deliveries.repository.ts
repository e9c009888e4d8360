import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { Database } from '../../platform/database/index.js';
import { invalid } from '../../platform/http/index.js';
import { toDeliveryView } from './delivery-view.js';
import type { DeliveryView } from './delivery.types.js';
import { enhancedStatus } from './report.repository.js';
import type { DeliveryFilter } from './report.js';

/**
 * The list behind each number of a report. It is in the order of people, because the unique index of the batch has that order and so
 * has the one of the rare states: a page is read from where the last one ended, and walks over no other batch of the month.
 */
@Injectable()
export class BatchDeliveries {
  constructor(private readonly db: Database) {}

  /**
   * `limit + 1` rows tell whether there are more.
   * @param page.after id of the last delivery of the page before
   * @throws 422 when that is no delivery of this batch
   */
  async page(
    id: string,
    filter: DeliveryFilter,
    page: { limit: number; after?: number | undefined },
  ): Promise<DeliveryView[]> {
    const batch = await this.db
      .selectFrom('batches')
      .select('bucket')
      .where('id', '=', id)
      .executeTakeFirst();
    if (!batch) return [];
    const after = page.after === undefined ? undefined : await this.personOf(id, batch.bucket, page.after);
    let query = this.db
      .selectFrom('deliveries as d')
      .selectAll('d')
      .where('d.bucket', '=', batch.bucket)
      .where('d.campaign_id', '=', id)
      .orderBy('d.person_id')
      .limit(page.limit);
    if (after !== undefined) query = query.where('d.person_id', '>', after);
    for (const condition of conditions(filter)) query = query.where(condition);
    const rows = await query.execute();
    return rows.map((row) => toDeliveryView(row));
  }

  private async personOf(id: string, bucket: string, deliveryId: number): Promise<string> {
    const row = await this.db
      .selectFrom('deliveries')
      .select('person_id')
      .where('bucket', '=', bucket)
      .where('id', '=', deliveryId)
      .where('campaign_id', '=', id)
      .executeTakeFirst();
    if (!row) throw invalid('after', `${deliveryId} is no delivery of this campaign`);
    return row.person_id;
  }
}

function conditions(filter: DeliveryFilter): RawBuilder<SqlBool>[] {
  const { state, outcome, domain, notDomains, reason, replyCode, enhanced } = filter;
  return [
    ...equal(sql.ref('d.state'), state),
    ...equal(sql.ref('d.outcome'), outcome),
    ...equal(sql.ref('d.recipient_domain'), domain),
    ...equal(sql.ref('d.reason'), reason),
    ...equal(sql.ref('d.reply_code'), replyCode),
    ...equal(enhancedStatus, enhanced),
    ...(notDomains === undefined ? [] : [sql<SqlBool>`d.recipient_domain <> ALL(${notDomains}::text[])`]),
  ];
}

function equal(
  column: RawBuilder<unknown>,
  value: string | number | null | undefined,
): RawBuilder<SqlBool>[] {
  if (value === undefined) return [];
  return [value === null ? sql<SqlBool>`${column} IS NULL` : sql<SqlBool>`${column} = ${value}`];
}
