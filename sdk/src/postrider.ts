import { Campaigns } from './calls/campaigns.js';
import { Emails } from './calls/emails.js';
import { Keys } from './calls/keys.js';
import { Lists } from './calls/lists.js';
import { Orders } from './calls/orders.js';
import { Subscribers, Subscriptions } from './calls/people.js';
import { Suppressions } from './calls/suppressions.js';
import { Webhooks } from './calls/webhooks.js';
import { Client, type PostriderOptions } from './client.js';

/** A Postrider, by its API. Keep one: it holds no connection and no state. */
export class Postrider {
  readonly orders: Orders;
  readonly emails: Emails;
  readonly subscriptions: Subscriptions;
  readonly subscribers: Subscribers;
  readonly lists: Lists;
  readonly campaigns: Campaigns;
  readonly suppressions: Suppressions;
  readonly webhooks: Webhooks;
  readonly keys: Keys;

  /** @throws TypeError for an empty key or an address that is none */
  constructor(options: PostriderOptions) {
    const client = new Client(options);
    this.orders = new Orders(client);
    this.emails = new Emails(client);
    this.subscriptions = new Subscriptions(client);
    this.subscribers = new Subscribers(client);
    this.lists = new Lists(client);
    this.campaigns = new Campaigns(client);
    this.suppressions = new Suppressions(client);
    this.webhooks = new Webhooks(client);
    this.keys = new Keys(client);
  }
}
