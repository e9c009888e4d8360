import type { CallOptions, Client } from '../client.js';
import type {
  Campaign,
  CampaignChange,
  CampaignDeliveryPage,
  CampaignPage,
  CampaignReport,
  CampaignResend,
  CampaignResendAnswer,
  CampaignSchedule,
  CampaignTest,
  CampaignTestAnswer,
  NewCampaign,
  operations,
} from '../openapi.js';
import type { PageQuery } from './page-query.js';

type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

/** News blasts. */
export class Campaigns {
  constructor(private readonly client: Client) {}

  create(campaign: NewCampaign, options?: CallOptions): Promise<Campaign> {
    return this.client.call({ method: 'POST', path: ['v1', 'campaigns'], body: campaign }, options);
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<CampaignPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'campaigns'], query: { ...query } }, options);
  }

  /** With its counts: every recipient is in one of them. */
  get(id: string, options?: CallOptions): Promise<Campaign> {
    return this.client.call({ method: 'GET', path: ['v1', 'campaigns', id] }, options);
  }

  update(id: string, change: CampaignChange, options?: CallOptions): Promise<Campaign> {
    return this.client.call({ method: 'PATCH', path: ['v1', 'campaigns', id], body: change }, options);
  }

  /** A copy to addresses of your own. */
  test(id: string, test: CampaignTest, options?: CallOptions): Promise<CampaignTestAnswer> {
    return this.post(id, 'test', options, test);
  }

  send(id: string, options?: CallOptions): Promise<Campaign> {
    return this.post(id, 'send', options);
  }

  schedule(id: string, schedule: CampaignSchedule, options?: CallOptions): Promise<Campaign> {
    return this.post(id, 'schedule', options, schedule);
  }

  pause(id: string, options?: CallOptions): Promise<Campaign> {
    return this.post(id, 'pause', options);
  }

  resume(id: string, options?: CallOptions): Promise<Campaign> {
    return this.post(id, 'resume', options);
  }

  cancel(id: string, options?: CallOptions): Promise<Campaign> {
    return this.post(id, 'cancel', options);
  }

  /** Once more to those whose mail failed or is unknown. */
  resend(id: string, resend: CampaignResend, options?: CallOptions): Promise<CampaignResendAnswer> {
    return this.post(id, 'resend', options, resend);
  }

  report(
    id: string,
    query: QueryOf<'CampaignReportController_report'> = {},
    options?: CallOptions,
  ): Promise<CampaignReport> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'campaigns', id, 'report'], query: { ...query } },
      options,
    );
  }

  /** Who, when, and what the server said. */
  deliveries(
    id: string,
    query: QueryOf<'CampaignReportController_deliveries'> = {},
    options?: CallOptions,
  ): Promise<CampaignDeliveryPage> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'campaigns', id, 'deliveries'], query: { ...query } },
      options,
    );
  }

  private post<T>(id: string, act: string, options?: CallOptions, body?: unknown): Promise<T> {
    return this.client.call({ method: 'POST', path: ['v1', 'campaigns', id, act], body }, options);
  }
}
