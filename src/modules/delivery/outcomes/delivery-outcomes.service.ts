import { Injectable, Logger } from '@nestjs/common';
import { Database, type Executor, type Work } from '../../../platform/database/index.js';
import { appendEvents, type NewEvent } from '../../../platform/events/index.js';
import { domainSubject, relaySubject } from '../quotas/quota.types.js';
import { SlowDownsRepository } from '../quotas/slow-downs.repository.js';
import { OutcomesRepository } from './outcomes.repository.js';
import type {
  DeliveryClues,
  FoundDelivery,
  Outcome,
  OutcomeFacts,
  ToldOutcome,
  WrittenOutcome,
} from './outcomes.types.js';

/** As much of a reply as a delivery keeps. */
const REPLY_LENGTH = 500;

/** What became of mails after their hand-over, as others tell it. */
@Injectable()
export class DeliveryOutcomes {
  private readonly logger = new Logger('Outcomes');
  private readonly slowDowns: SlowDownsRepository;
  /** Who was asked for in a transaction: a hundred reports of one domain are one wish. */
  private readonly asked = new WeakMap<Work, Set<string>>();

  constructor(
    db: Database,
    private readonly repository: OutcomesRepository,
  ) {
    this.slowDowns = new SlowDownsRepository(db);
  }

  /** The deliveries that each of these clues may mean, locked; none where nothing fits or they are too long ago. */
  async find(executor: Executor, clues: readonly DeliveryClues[]): Promise<FoundDelivery[][]> {
    return this.repository.find(executor, clues);
  }

  /**
   * Writes what became of some, each another one, and the events that tell it. What is known already, or better, stays.
   * @returns the places of those that changed
   */
  async write(work: Work, told: readonly ToldOutcome[]): Promise<ReadonlySet<number>> {
    if (told.length === 0) return new Set();
    const changed = await this.repository.write(
      work.trx,
      told.map(({ delivery, outcome, facts }) => ({ delivery, outcome, said: saidOf(outcome, facts) })),
    );
    await appendEvents(
      work.trx,
      told.flatMap((one, at) => (changed.has(at) ? eventsOf(one) : [])),
    );
    return changed;
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
    const asked = this.asked.get(work) ?? new Set();
    if (asked.has(subject)) return;
    this.asked.set(work, asked.add(subject));
    work.afterCommit(() =>
      this.slowDowns
        .add(subject, 0, reason)
        .catch((error: Error) =>
          this.logger.warn(`A slow-down of ${subject} was not written: ${error.message}`),
        ),
    );
  }
}

/** What replaces the words of the hand-over. */
function saidOf(outcome: Outcome, { reason, reply }: OutcomeFacts): WrittenOutcome['said'] {
  if (outcome !== 'bounced' || reason === null) return null;
  return { reason, code: codeOf(reply), reply: reply?.slice(0, REPLY_LENGTH) ?? null };
}

function eventsOf({ delivery, outcome, facts }: ToldOutcome): NewEvent[] {
  const { personId, campaignId, messageId, listId, id: deliveryId, state } = delivery;
  const about = { personId, campaignId, messageId, listId, deliveryId };
  const { source, reason, hard, status } = facts;
  const data = { source, ...(outcome === 'bounced' && { reason, hard, status }) };
  return [
    ...(state === 'unknown'
      ? [{ ...about, type: 'email.sent' as const, data: { reason: null, replyCode: null } }]
      : []),
    { ...about, type: `email.${outcome}` as const, data },
  ];
}

/** The code that a reply begins with. */
function codeOf(reply: string | null): number | null {
  const code = /^([245]\d\d)\b/.exec(reply ?? '')?.[1];
  return code === undefined ? null : Number(code);
}
