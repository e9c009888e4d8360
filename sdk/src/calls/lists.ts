import type { CallOptions, Client } from '../client.js';
import type { List, ListChange, ListPage, NewList } from '../openapi.js';
import type { PageQuery } from './page-query.js';

export class Lists {
  constructor(private readonly client: Client) {}

  create(list: NewList, options?: CallOptions): Promise<List> {
    return this.client.call({ method: 'POST', path: ['v1', 'lists'], body: list }, options);
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<ListPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'lists'], query: { ...query } }, options);
  }

  get(slug: string, options?: CallOptions): Promise<List> {
    return this.client.call({ method: 'GET', path: ['v1', 'lists', slug] }, options);
  }

  update(slug: string, change: ListChange, options?: CallOptions): Promise<List> {
    return this.client.call({ method: 'PATCH', path: ['v1', 'lists', slug], body: change }, options);
  }
}
