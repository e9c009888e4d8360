import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { detailsOf, invalidFields, refusedItem } from '../../platform/http/index.js';
import { orderEvent, type OrderEventBatchAnswer } from './orders.schemas.js';
import { Orders } from './orders.service.js';

/** Many events in one call, each in a transaction of its own: one that is wrong costs the others nothing. */
@Injectable()
export class OrderEventsBatch {
  constructor(
    private readonly orders: Orders,
    private readonly db: Database,
  ) {}

  /**
   * One after the other, in the order given, so that `placed` before `shipped` in one call is what it says. No Idempotency-Key is
   * needed: each event has its id, and the whole call again gives the same answers.
   * @throws 503 when the database goes away in the middle: what was answered by then stays, and the call can be made again
   */
  async receive(events: readonly unknown[]): Promise<OrderEventBatchAnswer> {
    const data: OrderEventBatchAnswer['data'] = [];
    for (const body of events) data.push(await this.one(body));
    return { data };
  }

  private async one(body: unknown): Promise<OrderEventBatchAnswer['data'][number]> {
    const parsed = orderEvent.safeParse(body);
    if (!parsed.success) return refusedItem(invalidFields(detailsOf(parsed.error.issues)));
    try {
      await this.orders.makeReady(parsed.data.type, parsed.data.customer.locale);
      const answer = await this.db.work((work) => this.orders.receive(work, parsed.data, body));
      return { statusCode: answer.status, ...answer.body };
    } catch (error) {
      return refusedItem(error);
    }
  }
}
