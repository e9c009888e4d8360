import type { CallOptions, Client } from '../client.js';
import type { AudienceReport, DeliverabilityReport, paths, RetentionReport } from '../openapi.js';

/** Days, and one campaign or one domain. */
export type DeliverabilityQuery = NonNullable<
  paths['/v1/reports/deliverability']['get']['parameters']['query']
>;

export class Reports {
  constructor(private readonly client: Client) {}

  /** How mail arrived, day by day; the last 30 days unless asked for others. */
  deliverability(query: DeliverabilityQuery = {}, options?: CallOptions): Promise<DeliverabilityReport> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'reports', 'deliverability'], query: { ...query } },
      options,
    );
  }

  /** Who reads, in groups that are too large to point at a person. */
  audience(options?: CallOptions): Promise<AudienceReport> {
    return this.client.call({ method: 'GET', path: ['v1', 'reports', 'audience'] }, options);
  }

  /** What is kept for how long, and when that was last seen to. */
  retention(options?: CallOptions): Promise<RetentionReport> {
    return this.client.call({ method: 'GET', path: ['v1', 'reports', 'retention'] }, options);
  }
}
