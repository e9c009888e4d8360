import { Injectable } from '@nestjs/common';
import { complaintRate } from '../../domain/index.js';
import {
  rangeOf,
  type DeliverabilityLine,
  type DeliverabilityQuery,
  type DeliverabilityReport,
} from './deliverability.schemas.js';
import { DeliverabilityRepository } from './deliverability.repository.js';
import type { DeliverabilityRow, DeliverabilitySums } from './deliverability.types.js';

const nothing: DeliverabilitySums = {
  sent: 0,
  returned: 0,
  confirmed: 0,
  deferred: 0,
  hard: 0,
  soft: 0,
  blocked: 0,
  complaints: 0,
  heardDelivered: 0,
  everHeard: false,
};

/** How mail arrives: by day, campaign and recipient domain. */
@Injectable()
export class Deliverability {
  constructor(private readonly repository: DeliverabilityRepository) {}

  async report(query: DeliverabilityQuery): Promise<DeliverabilityReport> {
    const { campaign, domain, top } = query;
    const range = rangeOf(query);
    const [rows, countedAt] = await Promise.all([
      this.repository.read({ ...range, campaignId: campaign, domain, top }),
      this.repository.countedAt(),
    ]);
    const of = <K extends DeliverabilityRow['kind']>(kind: K) =>
      rows.filter((row): row is Extract<DeliverabilityRow, { kind: K }> => row.kind === kind);
    const [campaigns, domains] = [of('campaign'), of('domain')];
    return {
      ...range,
      countedAt: countedAt?.toISOString() ?? null,
      total: lineOf(of('total')[0] ?? nothing, domain ?? null),
      days: of('day').map((row) => ({ day: row.day, ...lineOf(row, domain ?? null) })),
      campaigns: campaigns.map((row) => ({
        campaignId: row.campaignId,
        stream: row.stream,
        ...lineOf(row, domain ?? null),
      })),
      campaignCount: campaigns[0]?.lines ?? 0,
      domains: domains.map((row) => ({ domain: row.domain, ...lineOf(row, row.domain) })),
      domainCount: domains[0]?.lines ?? 0,
    };
  }
}

/** @param domain the only one in the sums; null: several, of which those that tell nothing do not count in the rate */
function lineOf(sums: DeliverabilitySums, domain: string | null): DeliverabilityLine {
  const { sent, returned, confirmed, deferred, hard, soft, blocked, complaints, heardDelivered, everHeard } =
    sums;
  const spam = complaintRate({ domain, delivered: heardDelivered, complaints, everHeard });
  return {
    sent,
    delivered: sent - returned,
    confirmed,
    deferred,
    hard,
    soft,
    blocked,
    complaints,
    complaintRate: spam.rate,
    complaintLevel: spam.rate === null ? null : spam.level,
    noComplaintData: spam.rate === null ? spam.noData : null,
  };
}
