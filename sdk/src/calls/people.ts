import type { CallOptions, Client } from '../client.js';
import type {
  ConsentProof,
  NewSubscription,
  PersonalExport,
  ResentConfirmation,
  Subscriber,
  SubscriberChange,
  SubscriberPage,
  SubscriberSearch,
  Subscriptions as Asked,
} from '../openapi.js';

export class Subscriptions {
  constructor(private readonly client: Client) {}

  /** Asks somebody to confirm (double opt-in). `consent.text` is what the person read and agreed to. */
  create(subscription: NewSubscription, options?: CallOptions): Promise<Asked> {
    return this.client.call({ method: 'POST', path: ['v1', 'subscriptions'], body: subscription }, options);
  }

  /** The confirmation mail once more. */
  resend(id: string, options?: CallOptions): Promise<ResentConfirmation> {
    return this.client.call({ method: 'POST', path: ['v1', 'subscriptions', id, 'resend'] }, options);
  }

  /** The person leaves this list. */
  remove(id: string, options?: CallOptions): Promise<void> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'subscriptions', id] }, options);
  }
}

export class Subscribers {
  constructor(private readonly client: Client) {}

  search(search: SubscriberSearch = {}, options?: CallOptions): Promise<SubscriberPage> {
    return this.client.call({ method: 'POST', path: ['v1', 'subscribers', 'search'], body: search }, options);
  }

  get(id: string, options?: CallOptions): Promise<Subscriber> {
    return this.client.call({ method: 'GET', path: ['v1', 'subscribers', id] }, options);
  }

  update(id: string, change: SubscriberChange, options?: CallOptions): Promise<Subscriber> {
    return this.client.call({ method: 'PATCH', path: ['v1', 'subscribers', id], body: change }, options);
  }

  /** Erases the person for good; what is pending is cancelled. */
  erase(id: string, options?: CallOptions): Promise<void> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'subscribers', id] }, options);
  }

  /** Everything that is held about the person. */
  export(id: string, options?: CallOptions): Promise<PersonalExport> {
    return this.client.call({ method: 'GET', path: ['v1', 'subscribers', id, 'export'] }, options);
  }

  /** What the person agreed to, when and where. */
  consent(id: string, options?: CallOptions): Promise<ConsentProof> {
    return this.client.call({ method: 'GET', path: ['v1', 'subscribers', id, 'consent'] }, options);
  }
}
