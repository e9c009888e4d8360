import { Campaigns } from './calls/campaigns.js';
import { Emails } from './calls/emails.js';
import { Keys } from './calls/keys.js';
import { Imports } from './calls/imports.js';
import { Lists } from './calls/lists.js';
import { Orders } from './calls/orders.js';
import { Subscribers, Subscriptions } from './calls/people.js';
import { DomainCaps, Relays } from './calls/relays.js';
import { Reports } from './calls/reports.js';
import { Suppressions } from './calls/suppressions.js';
import { Templates } from './calls/templates.js';
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
  readonly templates: Templates;
  readonly imports: Imports;
  readonly relays: Relays;
  readonly domainCaps: DomainCaps;
  readonly reports: Reports;
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
    this.templates = new Templates(client);
    this.imports = new Imports(client);
    this.relays = new Relays(client);
    this.domainCaps = new DomainCaps(client);
    this.reports = new Reports(client);
    this.webhooks = new Webhooks(client);
    this.keys = new Keys(client);
  }
}
