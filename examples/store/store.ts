import type { Postrider } from '../../sdk/src/index.js';
import type { Hooks } from './hooks.js';
import type { Orders } from './orders.js';

/** What the pages and routes of the store work with. */
export interface Store {
  readonly postrider: Postrider;
  readonly orders: Orders;
  readonly hooks: Hooks;
  readonly url: string;
  readonly postriderUrl: string;
}
