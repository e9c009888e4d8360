import type { CallOptions, Client } from '../client.js';
import type {
  NewSuppression,
  Suppression,
  SuppressionEvidence,
  SuppressionPage,
  SuppressionRelease,
  SuppressionScore,
  SuppressionSearch,
} from '../openapi.js';

export class Suppressions {
  constructor(private readonly client: Client) {}

  create(suppression: NewSuppression, options?: CallOptions): Promise<Suppression> {
    return this.client.call({ method: 'POST', path: ['v1', 'suppressions'], body: suppression }, options);
  }

  search(search: SuppressionSearch = {}, options?: CallOptions): Promise<SuppressionPage> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'suppressions', 'search'], body: search },
      options,
    );
  }

  /** How near an address is to being stopped, and what was reported of it. */
  score(address: string, options?: CallOptions): Promise<SuppressionScore> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'suppressions', 'scores'], body: { address } },
      options,
    );
  }

  /** Why the address is suppressed. */
  get(id: string, options?: CallOptions): Promise<SuppressionEvidence> {
    return this.client.call({ method: 'GET', path: ['v1', 'suppressions', id] }, options);
  }

  /** Mail may go there again; the suppression itself stays on record. */
  release(id: string, release: SuppressionRelease, options?: CallOptions): Promise<Suppression> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'suppressions', id, 'release'], body: release },
      options,
    );
  }
}
