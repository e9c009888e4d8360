import type { CallOptions, Client } from '../client.js';
import type {
  ApiKey,
  ApiKeyChange,
  ApiKeyDetail,
  ApiKeyPage,
  ApiKeyWithSecret,
  NewApiKey,
} from '../openapi.js';
import type { PageQuery } from './page-query.js';

/** Whether it may be the last key that manages keys. */
interface LastKey {
  readonly last?: boolean;
}

/** API keys, for a key with the scope `keys`. It gives only what it has itself. */
export class Keys {
  constructor(private readonly client: Client) {}

  /** The answer has the secret, this once. */
  create(key: NewApiKey, options?: CallOptions): Promise<ApiKeyWithSecret> {
    return this.client.call({ method: 'POST', path: ['v1', 'keys'], body: key }, options);
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<ApiKeyPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'keys'], query: { ...query } }, options);
  }

  /** With who made, changed and revoked it. */
  get(id: string, options?: CallOptions): Promise<ApiKeyDetail> {
    return this.client.call({ method: 'GET', path: ['v1', 'keys', id] }, options);
  }

  update(id: string, change: ApiKeyChange, { last }: LastKey = {}, options?: CallOptions): Promise<ApiKey> {
    return this.client.call(
      { method: 'PATCH', path: ['v1', 'keys', id], query: { last }, body: change },
      options,
    );
  }

  /** For good; it is refused everywhere within 3 seconds. */
  revoke(id: string, { last }: LastKey = {}, options?: CallOptions): Promise<ApiKey> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'keys', id], query: { last } }, options);
  }
}
