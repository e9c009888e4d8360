import { Injectable, Logger } from '@nestjs/common';
import { Database, type Executor, type Work } from '../../../platform/database/index.js';
import { appendEvents } from '../../../platform/events/index.js';
import { domainSubject, relaySubject } from '../quotas/quota.types.js';
import { SlowDownsRepository } from '../quotas/slow-downs.repository.js';
import { OutcomesRepository } from './outcomes.repository.js';
import type { DeliveryClues, FoundDelivery, Outcome, OutcomeFacts } from './outcomes.types.js';

/** As much of a reply as a delivery keeps. */
const REPLY_LENGTH = 500;

/** What became of mails after their hand-over, as others tell it. */
@Injectable()
export class DeliveryOutcomes {
  private readonly logger = new Logger('Outcomes');
  private readonly slowDowns: SlowDownsRepository;

  constructor(
    db: Database,
    private readonly repository: OutcomesRepository,
  ) {
    this.slowDowns = new SlowDownsRepository(db);
  }

  /** The deliveries that these clues may mean, locked; none where nothing fits or they are too long ago. */
  async find(executor: Executor, clues: DeliveryClues): Promise<FoundDelivery[]> {
    return this.repository.find(executor, clues);
  }

  /**
   * Writes what became of one, and the events that tell it. What is known already, or better, stays.
   * @returns whether it changed
   */
  async write(work: Work, delivery: FoundDelivery, outcome: Outcome, facts: OutcomeFacts): Promise<boolean> {
    const { reason, reply } = facts;
    const said =
      outcome === 'bounced' && reason !== null
        ? { reason, code: codeOf(reply), reply: reply?.slice(0, REPLY_LENGTH) ?? null }
        : null;
    const changed = await this.repository.write(work.trx, delivery, outcome, said);
    if (!changed) return false;
    const { personId, campaignId, messageId, listId, id: deliveryId } = delivery;
    const about = { personId, campaignId, messageId, listId, deliveryId };
    const { source, hard, status } = facts;
    await appendEvents(work.trx, [
      ...(delivery.state === 'unknown'
        ? [{ ...about, type: 'email.sent' as const, data: { reason: null, replyCode: null } }]
        : []),
      {
        ...about,
        type: `email.${outcome}` as const,
        data: { source, ...(outcome === 'bounced' && { reason, hard, status }) },
      },
    ]);
    return true;
  }

  /**
   * A server behind the relay asks for fewer mails at a time; told when it is too late for this one, so no pace is known, and the
   * slowest start is taken. Never fails what it is told in.
   */
  slowDown(
    work: Work,
    { recipientDomain, relay }: FoundDelivery,
    of: 'domain' | 'relay',
    reason: string,
  ): void {
    const subject = of === 'relay' && relay !== null ? relaySubject(relay) : domainSubject(recipientDomain);
    work.afterCommit(() =>
      this.slowDowns
        .add(subject, 0, reason)
        .catch((error: Error) =>
          this.logger.warn(`A slow-down of ${subject} was not written: ${error.message}`),
        ),
    );
  }
}

/** The code that a reply begins with. */
function codeOf(reply: string | null): number | null {
  const code = /^([245]\d\d)\b/.exec(reply ?? '')?.[1];
  return code === undefined ? null : Number(code);
}
