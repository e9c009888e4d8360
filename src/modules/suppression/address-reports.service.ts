import { Injectable } from '@nestjs/common';
import {
  softScore,
  softWeight,
  strongestSuppression,
  suppressionsAt,
  suppressionsFor,
  type SuppressionFacts,
} from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { AddressReportsRepository } from './address-reports.repository.js';
import type { AddressReport, ReportView } from './address-reports.types.js';
import type { NewSuppression, Suppression } from './suppression.types.js';
import { Suppressions } from './suppressions.service.js';

/** Longest evidence: a server's words, not a message. */
const EVIDENCE_LENGTH = 500;
/** Half-lives after which a report counts less than a thousandth. */
const HALF_LIVES = 10;
const SHOWN = 50;

/** What is held against an address, for support. */
export interface AddressScore {
  readonly address: string;
  readonly score: number;
  readonly limit: number;
  /** The one that tells most of those that hold; null where none does. */
  readonly suppression: Suppression | null;
  readonly reports: readonly ReportView[];
}

/**
 * The one place where a refusal, a bounce or a complaint becomes a suppression: for our own dialogue with the relay, for reports and
 * for providers alike. What follows from what is data in domain/suppression-acts.
 */
@Injectable()
export class AddressReports {
  private readonly limit: number;
  private readonly halfLife: number;

  constructor(
    { env }: Config,
    private readonly repository: AddressReportsRepository,
    private readonly suppressions: Suppressions,
  ) {
    this.limit = env.SOFT_BOUNCE_LIMIT;
    this.halfLife = env.SOFT_BOUNCE_HALF_LIFE_DAYS;
  }

  /**
   * Notes them and acts on those that are new. The same one again changes nothing, also when a suppression was released meanwhile.
   * @returns the places of those that were new
   */
  async take(work: Work, reports: readonly AddressReport[]): Promise<ReadonlySet<number>> {
    if (reports.length === 0) return new Set();
    const isNew = await this.repository.add(
      work.trx,
      reports.map((report) => ({ ...report, weight: softWeight(report) })),
    );
    const fresh = reports.filter((_, at) => isNew.has(at));
    await this.suppressions.addAll(work, [
      ...fresh.flatMap((report) =>
        suppressionsFor(report, report.listId).map((one) => withEvidence(one, report)),
      ),
      ...(await this.reached(work.trx, fresh)),
    ]);
    return isNew;
  }

  async scoreOf(executor: Executor, address: string): Promise<AddressScore> {
    const holding = await this.suppressions.activeFor(executor, address);
    const counted = await this.repository.counted(executor, [address], this.halfLife * HALF_LIVES);
    return {
      address,
      score: softScore(counted.get(address) ?? [], this.halfLife),
      limit: this.limit,
      suppression: strongestSuppression(holding) ?? null,
      reports: await this.repository.of(executor, address, SHOWN),
    };
  }

  /** Where one more soft bounce was one too many. */
  private async reached(executor: Executor, fresh: readonly AddressReport[]): Promise<NewSuppression[]> {
    const soft = fresh.filter((report) => softWeight(report) > 0);
    if (soft.length === 0) return [];
    const addresses = [...new Set(soft.map(({ address }) => address))];
    const counted = await this.repository.counted(executor, addresses, this.halfLife * HALF_LIVES);
    const limits = await this.repository.listLimits(executor, [
      ...new Set(soft.flatMap(({ listId }) => listId ?? [])),
    ]);
    return soft.flatMap((report) => {
      const score = softScore(counted.get(report.address) ?? [], this.halfLife);
      const list =
        report.listId === null ? null : { id: report.listId, limit: limits.get(report.listId) ?? null };
      const many = `${counted.get(report.address)?.length ?? 0} soft bounces, the last one: `;
      return suppressionsAt(score, this.limit, list).map((one) => withEvidence(one, report, many));
    });
  }
}

function withEvidence(facts: SuppressionFacts, report: AddressReport, before = ''): NewSuppression {
  const { source, kind, reason, status, reply, address } = report;
  const words = reply ?? status;
  const what = kind === 'bounced' ? reason : kind;
  return {
    ...facts,
    address,
    evidence: `${before}${source}: ${what}${words === null ? '' : ` (${words})`}`.slice(0, EVIDENCE_LENGTH),
  };
}
