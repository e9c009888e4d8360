import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { toPage, type Page } from '../../platform/http/index.js';
import { BatchDeliveries, BatchReports } from '../delivery/index.js';
import type {
  CampaignDeliveriesQuery,
  CampaignDelivery,
  CampaignReport,
  CampaignReportQuery,
} from './campaign-report.schemas.js';
import { CampaignViews } from './campaign-views.service.js';

/** What became of a campaign, and who is behind each number. */
@Injectable()
export class CampaignReports {
  constructor(
    private readonly db: Database,
    private readonly views: CampaignViews,
    private readonly reports: BatchReports,
    private readonly batchDeliveries: BatchDeliveries,
  ) {}

  /** @throws 404 */
  async report(id: string, { domains }: CampaignReportQuery): Promise<CampaignReport> {
    await this.views.known(this.db, id);
    const { at, others, ...report } = await this.reports.read(id, domains);
    return { campaignId: id, at: at.toISOString(), otherDomains: others, ...report };
  }

  /** @throws 404, 422 when `after` is no delivery of this campaign */
  async deliveries(
    id: string,
    { limit, after, ...filter }: CampaignDeliveriesQuery,
  ): Promise<Page<CampaignDelivery>> {
    await this.views.known(this.db, id);
    const rows = await this.batchDeliveries.page(id, filter, { limit: limit + 1, after });
    return toPage(rows, limit, (delivery) => ({
      id: delivery.id,
      personId: delivery.personId,
      address: delivery.address,
      state: delivery.state,
      reason: delivery.reason,
      outcome: delivery.outcome,
      tries: delivery.tries,
      dueAt: delivery.dueAt?.toISOString() ?? null,
      settledAt: delivery.settledAt?.toISOString() ?? null,
      reply: delivery.reply,
    }));
  }
}
