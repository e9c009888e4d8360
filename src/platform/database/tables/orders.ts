import type { Generated } from 'kysely';
import type { SetByDatabase } from './platform.js';

interface Orders {
  id: string;
  /** Where the order's first event came from: "api", "stripe", "shopify". */
  source: string;
  /** `order_id` is unique in it. */
  shop: Generated<string>;
  order_id: string;
  number: string;
  person_id: string;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

interface OrderEvents {
  id: string;
  source: string;
  event_id: string;
  order_ref: string;
  type: string;
  part: Generated<string>;
  occurred_at: Date;
  received_at: SetByDatabase;
  body_hash: Buffer;
  body: Buffer | null;
  message_id: string | null;
  status: 'queued' | 'skipped';
  reason: string | null;
}

export interface OrdersTables {
  orders: Orders;
  order_events: OrderEvents;
}
