import { Injectable, Logger } from '@nestjs/common';
import { atWorst, explainTrouble, judgeBlast, noBlastNumbers, type BlastLimits } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { Database } from '../../platform/database/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { BatchHealthRepository } from './batch-health.repository.js';

/** Pauses a batch that does harm (STANDARDS.md 11). The batch's row is the truth, and it stops the wire; the campaign follows. */
@Injectable()
export class BatchHealth {
  private readonly logger = new Logger(BatchHealth.name);
  private readonly limits: BlastLimits;

  constructor(
    { env }: Config,
    private readonly db: Database,
    private readonly repository: BatchHealthRepository,
    private readonly wakeUps: WakeUps,
  ) {
    this.limits = {
      minimum: env.PAUSE_AFTER_MAILS,
      hardBounces: env.PAUSE_HARD_BOUNCE_PERCENT,
      complaints: env.PAUSE_COMPLAINT_PERCENT,
      authentication: env.PAUSE_AUTHENTICATION_PERCENT,
    };
  }

  /** Judges every batch that sends. Every worker may ask, at the same time too. */
  async pauseSick(): Promise<void> {
    for (const batch of await this.repository.open(this.db)) {
      const forgiven = batch.forgiven ?? noBlastNumbers;
      if (!judgeBlast(atWorst(batch.counted, forgiven), forgiven, this.limits)) continue;
      const trouble = judgeBlast(await this.repository.numbers(this.db, batch.id), forgiven, this.limits);
      if (!trouble) continue;
      const reason = explainTrouble(trouble);
      if (!(await this.repository.pause(this.db, batch, reason))) continue;
      this.logger.warn(`Campaign ${batch.id}: ${reason}`);
      await this.wakeUps.wake('campaigns', { campaignId: batch.id });
    }
  }
}
