import { Injectable } from '@nestjs/common';
import { isId, nextCampaignState, type CampaignMove, type CampaignState } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import { appendEvents, type EventType, type NewEvent } from '../../platform/events/index.js';
import { conflict, invalid, notFound } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Batches, type BatchView } from '../delivery/index.js';
import { Templates } from '../templates/index.js';
import { CampaignCheck } from './campaign-check.service.js';
import { CampaignsRepository, type Campaign } from './campaigns.repository.js';

/** The moves of domain/campaign-life, each with all that it entails in one transaction on the locked campaign. */
@Injectable()
export class CampaignMoves {
  constructor(
    private readonly repository: CampaignsRepository,
    private readonly check: CampaignCheck,
    private readonly batches: Batches,
    private readonly templates: Templates,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Pins the content as a revision and opens the batch; from here on the workers have it.
   * @throws 404, 409 when it was sent before, 422 when something stands in the way
   */
  async send(work: Work, id: string): Promise<void> {
    const { trx } = work;
    const { campaign, next } = await this.begin(work, id, 'send');
    await this.check.ready(trx, campaign);
    const revisionId = await this.templates.addRevision(trx, this.templates.news(campaign));
    await this.batches.open(work, {
      id,
      senderId: campaign.sender_id,
      revisionId,
      name: campaign.name,
      retryHours: campaign.retry_hours,
    });
    await this.repository.update(trx, id, { state: next, state_reason: null, started_at: new Date() });
    await this.tell(work, id, 'campaign.started');
    work.afterCommit(() => this.wakeUps.wake('campaigns', { campaignId: id }));
  }

  /** @throws 422 for a time that has passed, and for everything that would stop it from being sent now */
  async schedule(work: Work, id: string, at: Date): Promise<void> {
    const { campaign, next } = await this.begin(work, id, 'schedule');
    if (at.getTime() <= Date.now())
      throw invalid('at', `${at.toISOString()} has passed; to send it now, use send`);
    await this.check.ready(work.trx, campaign);
    await this.repository.update(work.trx, id, { state: next, state_reason: null, scheduled_at: at });
  }

  /** Back to draft, with the reason: it could not be sent when its time had come. */
  async unschedule(work: Work, id: string, reason: string): Promise<void> {
    const { next } = await this.begin(work, id, 'unschedule');
    await this.repository.update(work.trx, id, { state: next, state_reason: reason, scheduled_at: null });
    await this.tell(work, id, 'campaign.unscheduled', { reason });
  }

  /** Nothing more is handed over; the audience goes on being frozen. */
  async pause(work: Work, id: string): Promise<void> {
    const { next } = await this.begin(work, id, 'pause');
    await this.batches.pause(work, id);
    await this.paused(work, id, next);
  }

  /** The batch has paused itself: so has the campaign, unless a person has been faster. */
  async followPause(work: Work, id: string): Promise<void> {
    const { next } = await this.begin(work, id, 'pause');
    if ((await this.batch(work, id))?.state === 'paused') await this.paused(work, id, next);
  }

  /** Goes on; what a pause by itself was for is forgiven. */
  async resume(work: Work, id: string): Promise<void> {
    const { campaign, next } = await this.begin(work, id, 'resume');
    await this.check.sender(work.trx, campaign);
    await this.batches.resume(work, id);
    await this.repository.update(work.trx, id, { state: next, state_reason: null });
    await this.tell(work, id, 'campaign.resumed');
    work.afterCommit(() => this.wakeUps.wake('campaigns', { campaignId: id }));
  }

  /** For good: what waits is skipped as cancelled, who is not in the audience yet stays out. */
  async cancel(work: Work, id: string): Promise<void> {
    const { campaign, next } = await this.begin(work, id, 'cancel');
    if (campaign.started_at !== null) await this.batches.stop(work, id);
    await this.repository.update(work.trx, id, {
      state: next,
      state_reason: null,
      resend: null,
      finished_at: new Date(),
    });
    await this.tell(work, id, 'campaign.cancelled');
  }

  /** Nothing is open any more; where somebody has asked for more since, it is not finished. */
  async finish(work: Work, id: string): Promise<void> {
    const { next } = await this.begin(work, id, 'finish');
    if ((await this.batch(work, id))?.state !== 'finished') return;
    await this.repository.update(work.trx, id, { state: next, finished_at: new Date() });
    await this.tell(work, id, 'campaign.finished');
  }

  /**
   * Locks the campaign for a move.
   * @throws 404, 409 with the state when that has no such move
   */
  async begin(
    { trx }: Work,
    id: string,
    move: CampaignMove,
  ): Promise<{ campaign: Campaign; next: CampaignState }> {
    const campaign = isId(id) ? await this.repository.lock(trx, id) : undefined;
    if (!campaign) throw notFound('campaign', id);
    const next = nextCampaignState(campaign.state, move);
    if (next === undefined)
      throw conflict('wrong_state', `Campaign ${id} is ${campaign.state}; "${move}" is not possible`);
    return { campaign, next };
  }

  async tell({ trx }: Work, id: string, type: EventType, data: NewEvent['data'] = {}): Promise<void> {
    await appendEvents(trx, [{ type, campaignId: id, data }]);
  }

  private async paused(work: Work, id: string, state: CampaignState): Promise<void> {
    const reason = (await this.batch(work, id))?.pauseReason ?? null;
    await this.repository.update(work.trx, id, { state, state_reason: reason });
    await this.tell(work, id, 'campaign.paused', reason === null ? {} : { reason });
  }

  private async batch({ trx }: Work, id: string): Promise<BatchView | undefined> {
    return (await this.batches.view(trx, [id])).get(id);
  }
}
