import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { PersonalDataRegistry, type RetentionRule } from '../../platform/personal-data/index.js';
import { RetentionRepository } from './retention.repository.js';

const HOUR_MS = 3_600_000;

/** One kind of record: its limit, and what is or was past it. */
export interface RetentionLine {
  readonly kind: string;
  readonly days: number;
  readonly describe: string;
  /** How many are past their time and still there; after a run, how many went. */
  readonly records: number;
  /** When it was last seen to, and how many went then. */
  readonly lastRun: { readonly at: Date; readonly removed: number } | null;
  /** Why it did not go this time; it is tried again with the next run. */
  readonly problem: string | null;
}

/** Lets go of what has had its time, by the rules of whoever holds it. */
@Injectable()
export class Retention {
  private readonly logger = new Logger(Retention.name);

  constructor(
    private readonly registry: PersonalDataRegistry,
    private readonly repository: RetentionRepository,
    private readonly db: Database,
  ) {}

  /** What a run would take now. It changes nothing. */
  async preview(): Promise<RetentionLine[]> {
    const last = await this.repository.lastRuns();
    const lines = [];
    for (const rule of this.registry.retention()) {
      const records = await rule.count(this.db);
      lines.push(lineOf(rule, { records, lastRun: last.get(rule.kind) ?? null, problem: null }));
    }
    return lines;
  }

  /** @returns undefined where another process is at it */
  async run(): Promise<RetentionLine[] | undefined> {
    return this.repository.alone(async () => {
      const lines = [];
      for (const rule of this.registry.retention()) lines.push(await this.apply(rule));
      return lines;
    });
  }

  /** For a timer in every worker: one of them does it, and not more often than once an hour. */
  async runIfDue(): Promise<void> {
    const runs = [...(await this.repository.lastRuns()).values()];
    const latest = Math.max(0, ...runs.map(({ at }) => at.getTime()));
    if (Date.now() - latest >= HOUR_MS * 0.9) await this.run();
  }

  /** One rule that fails, such as a month that somebody reads, does not stop the others. */
  private async apply(rule: RetentionRule): Promise<RetentionLine> {
    try {
      const removed = await rule.purge(this.db);
      await this.repository.note(rule.kind, removed);
      if (removed > 0) this.logger.log(`${removed} of "${rule.kind}" had their ${rule.days} days and went`);
      return lineOf(rule, { records: removed, lastRun: { at: new Date(), removed }, problem: null });
    } catch (error) {
      const problem = (error as Error).message;
      this.logger.warn(`"${rule.kind}" past ${rule.days} days did not go: ${problem}`);
      return lineOf(rule, { records: 0, lastRun: null, problem });
    }
  }
}

function lineOf(
  { kind, days, describe }: RetentionRule,
  rest: Pick<RetentionLine, 'records' | 'lastRun' | 'problem'>,
): RetentionLine {
  return { kind, days, describe, ...rest };
}
