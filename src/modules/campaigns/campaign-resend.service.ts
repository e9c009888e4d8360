import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Work } from '../../platform/database/index.js';
import { conflict } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Batches, BatchResend } from '../delivery/index.js';
import { CampaignCheck } from './campaign-check.service.js';
import { CampaignMoves } from './campaign-moves.service.js';
import { CampaignsRepository, type Campaign } from './campaigns.repository.js';
import type { CampaignResendAnswer, CampaignResendRequest } from './campaign-report.schemas.js';

/** Deliveries that one transaction queues: about 0.2 s, so that a pause or a shutdown is not kept waiting. */
const CHUNK = 5_000;

type Resend = NonNullable<Campaign['resend']>;

/**
 * Sends what failed or is unknown once more, because a person says so. A few are queued before the answer; many go on in the workers,
 * chunk by chunk, each with where it stands, so it goes on after a crash where it was and the counts add up at every instant.
 */
@Injectable()
export class CampaignResend {
  constructor(
    private readonly repository: CampaignsRepository,
    private readonly moves: CampaignMoves,
    private readonly check: CampaignCheck,
    private readonly batches: Batches,
    private readonly deliveries: BatchResend,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * A finished campaign is open again; one that sends or is paused stays so.
   * @returns how many go out once more; with none, nothing has changed
   * @throws 404, 409 in any other state or while an earlier resend is being queued
   */
  async begin(work: Work, id: string, request: CampaignResendRequest): Promise<CampaignResendAnswer> {
    const { trx } = work;
    const { campaign, next } = await this.moves.begin(work, id, 'resend');
    await this.check.sender(trx, campaign);
    if (campaign.resend !== null)
      throw conflict(
        'resend_underway',
        `Campaign ${id} is still queueing an earlier resend; try again shortly`,
      );
    const { rows } = await sql<{ now: string }>`SELECT now()::text AS now`.execute(trx);
    const resend: Resend = {
      states: [...new Set(request.states)],
      reasons: request.reasons ?? null,
      domain: request.domain ?? null,
      before: rows[0]?.now ?? '',
      after: null,
    };
    const queued = await this.deliveries.count(trx, id, resend);
    if (queued === 0) return { queued };
    await this.batches.reopen(work, id);
    await this.repository.update(trx, id, { state: next, finished_at: null, resend: JSON.stringify(resend) });
    await this.moves.tell(work, id, 'campaign.resent', {
      queued,
      states: resend.states.join(','),
      reasons: resend.reasons?.join(',') ?? null,
      domain: resend.domain,
    });
    const isMore = await this.step(work, { ...campaign, resend });
    if (isMore) work.afterCommit(() => this.wakeUps.wake('campaigns', { campaignId: id }));
    return { queued };
  }

  /** Queues the next chunk. @returns whether there may be more to do */
  async next(work: Work, id: string): Promise<boolean> {
    const campaign = await this.repository.lock(work.trx, id);
    if (!campaign || campaign.resend === null) return true;
    await this.step(work, campaign);
    return true;
  }

  /** @returns whether there is more to queue */
  private async step(work: Work, { id, resend, frozen_at }: Campaign): Promise<boolean> {
    let rest = resend;
    for (let room = CHUNK; rest !== null && room > 0;) {
      const [state, ...states] = rest.states;
      if (state === undefined) break;
      const { queued, last } = await this.deliveries.requeue(work.trx, id, rest, state, rest.after, room);
      room -= queued;
      rest = last === null ? { ...rest, states, after: null } : { ...rest, after: last };
    }
    const isMore = rest !== null && rest.states.length > 0;
    await this.repository.update(work.trx, id, { resend: isMore ? JSON.stringify(rest) : null });
    work.afterCommit(() => this.batches.wake(id));
    if (isMore) return true;
    await this.batches.forgive(work, id);
    // Where the audience is still being frozen, its last chunk completes the batch.
    if (frozen_at !== null) await this.batches.complete(work, id);
    return false;
  }
}
