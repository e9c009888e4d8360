import { Injectable, Logger } from '@nestjs/common';
import { Database, type Work } from '../../platform/database/index.js';
import { ApiError } from '../../platform/http/index.js';
import { Drain } from '../../platform/queue/index.js';
import { Batches } from '../delivery/index.js';
import { Audience } from './audience.js';
import { CampaignMoves } from './campaign-moves.service.js';
import { CampaignResend } from './campaign-resend.service.js';
import { CampaignsRepository, type Campaign } from './campaigns.repository.js';

/** What Postrider itself does for a campaign: start it on time, freeze its audience, queue what is resent, follow its batch to a pause or the end. */
@Injectable()
export class CampaignAdvance {
  private readonly logger = new Logger(CampaignAdvance.name);

  constructor(
    private readonly db: Database,
    private readonly repository: CampaignsRepository,
    private readonly moves: CampaignMoves,
    private readonly audience: Audience,
    private readonly resend: CampaignResend,
    private readonly batches: Batches,
    private readonly drain: Drain,
  ) {}

  /** Does what there is to do, in small transactions. Right however often it is called, by however many workers. */
  async advance(id: string): Promise<void> {
    while (!this.drain.signal.aborted) {
      const campaign = await this.repository.find(this.db, id);
      if (!campaign || !(await this.step(campaign))) return;
    }
  }

  /** Campaigns with something to do. */
  async due(): Promise<string[]> {
    const open = await this.repository.open(this.db);
    const sending = open.filter(({ state }) => state === 'sending');
    const batches = await this.batches.view(
      this.db,
      sending.map(({ id }) => id),
    );
    return open
      .filter(({ id, state, frozen_at, resend }) => {
        if (state === 'scheduled' || frozen_at === null || resend !== null) return true;
        const batch = batches.get(id)?.state;
        return batch === 'finished' || batch === 'paused';
      })
      .map(({ id }) => id);
  }

  /** @returns whether there may be more to do */
  private async step(campaign: Campaign): Promise<boolean> {
    const { id, state } = campaign;
    if (campaign.is_due) return this.start(id);
    if (state !== 'sending' && state !== 'paused') return false;
    const batch = state === 'sending' ? (await this.batches.view(this.db, [id])).get(id)?.state : undefined;
    if (batch === 'paused') {
      await this.unlessMoved(() => this.db.work((work) => this.moves.followPause(work, id)));
      return true;
    }
    if (campaign.resend !== null) return this.db.work((work) => this.resend.next(work, id));
    if (campaign.frozen_at === null) return this.db.work((work) => this.freeze(work, id));
    if (batch === 'finished')
      await this.unlessMoved(() => this.db.work((work) => this.moves.finish(work, id)));
    return false;
  }

  private async start(id: string): Promise<boolean> {
    try {
      await this.unlessMoved(() => this.db.work((work) => this.moves.send(work, id)));
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode !== 422) throw error;
      this.logger.warn(`Campaign ${id} could not start and is a draft again: ${error.message}`);
      await this.unlessMoved(() => this.db.work((work) => this.moves.unschedule(work, id, error.message)));
    }
    return true;
  }

  private async freeze(work: Work, id: string): Promise<boolean> {
    const campaign = await this.repository.lock(work.trx, id);
    if (!campaign || campaign.frozen_at !== null) return false;
    if (campaign.state !== 'sending' && campaign.state !== 'paused') return false;
    // The last chunk says that no more recipients will come, and a resend brings more.
    if (campaign.resend !== null) return true;
    const step = await this.audience.freezeNext(work, campaign);
    // Sending may begin while the rest is being frozen.
    if (step.added > 0 && campaign.state === 'sending') work.afterCommit(() => this.batches.wake(id));
    return true;
  }

  /** Somebody else was faster: then there is nothing left to do. */
  private async unlessMoved(move: () => Promise<void>): Promise<void> {
    await move().catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.statusCode !== 409) throw error;
    });
  }
}
