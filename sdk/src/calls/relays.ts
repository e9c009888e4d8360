import type { CallOptions, Client } from '../client.js';
import type { DomainCap, DomainCapPage, NewRelay, Relay, RelayChange, RelayPage } from '../openapi.js';
import type { PageQuery } from './page-query.js';

/** The SMTP servers that mail leaves through. Answers leave passwords out. */
export class Relays {
  constructor(private readonly client: Client) {}

  create(relay: NewRelay, options?: CallOptions): Promise<Relay> {
    return this.client.call({ method: 'POST', path: ['v1', 'relays'], body: relay }, options);
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<RelayPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'relays'], query: { ...query } }, options);
  }

  get(name: string, options?: CallOptions): Promise<Relay> {
    return this.client.call({ method: 'GET', path: ['v1', 'relays', name] }, options);
  }

  update(name: string, change: RelayChange, options?: CallOptions): Promise<Relay> {
    return this.client.call({ method: 'PATCH', path: ['v1', 'relays', name], body: change }, options);
  }

  remove(name: string, options?: CallOptions): Promise<Relay> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'relays', name] }, options);
  }
}

/** How many mails a second a recipients' domain gets at most, whatever relay they leave through. */
export class DomainCaps {
  constructor(private readonly client: Client) {}

  list(query: PageQuery = {}, options?: CallOptions): Promise<DomainCapPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'domain-caps'], query: { ...query } }, options);
  }

  get(domain: string, options?: CallOptions): Promise<DomainCap> {
    return this.client.call({ method: 'GET', path: ['v1', 'domain-caps', domain] }, options);
  }

  set(domain: string, perSecond: number, options?: CallOptions): Promise<DomainCap> {
    return this.client.call(
      { method: 'PUT', path: ['v1', 'domain-caps', domain], body: { perSecond } },
      options,
    );
  }

  remove(domain: string, options?: CallOptions): Promise<void> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'domain-caps', domain] }, options);
  }
}
