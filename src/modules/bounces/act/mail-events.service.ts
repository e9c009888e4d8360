import { Injectable } from '@nestjs/common';
import {
  actOn,
  hardReasons,
  parseAddress,
  replyReasons,
  understandBounceReply,
  type ReplyReason,
  type ToldKind,
} from '../../../domain/index.js';
import type { Work } from '../../../platform/database/index.js';
import { DeliveryOutcomes, type FoundDelivery, type Outcome } from '../../delivery/index.js';
import { AddressReports } from '../../suppression/index.js';
import type { MailEvent } from '../mail-event.js';

/**
 * `applied`: something changed. `known`: it was told before, or what is known says more. `unmatched`: no mail of ours is meant, or not
 * clearly. `ignored`: it asks for nothing, or speaks of another address than the mail went to.
 */
export type Taken = 'applied' | 'known' | 'unmatched' | 'ignored';

/** What was taken, and whose mail it is about. */
export interface TakenOf {
  readonly taken: Taken;
  readonly personId: string | null;
}

const kinds: Partial<Record<MailEvent['kind'], ToldKind | 'delivered' | 'deferred'>> = {
  delivered: 'delivered',
  deferred: 'deferred',
  bounced: 'bounced',
  // A provider that did not even try: it knows a bounce or a complaint of the address.
  rejected: 'bounced',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
};

/** Where everything ends that others tell of our mails: the outcome of the delivery, and what follows for the address. */
@Injectable()
export class MailEvents {
  constructor(
    private readonly outcomes: DeliveryOutcomes,
    private readonly reports: AddressReports,
  ) {}

  /** In the caller's transaction; the same event twice is one. */
  async take(work: Work, event: MailEvent): Promise<Taken> {
    return (await this.takeOf(work, event)).taken;
  }

  /** The same, and whose mail it is about. */
  async takeOf(work: Work, event: MailEvent): Promise<TakenOf> {
    const kind = kinds[event.kind];
    if (!kind) return { taken: 'ignored', personId: null };
    const found = await this.outcomes.find(work.trx, event);
    const fitting = found.filter(({ address }) => fits(event.recipient, address));
    const [delivery] = fitting;
    if (!delivery) return { taken: found.length > 0 ? 'ignored' : 'unmatched', personId: null };
    // One mail to several people, and the report does not say whose: not clearly.
    if (fitting.length > 1) return { taken: 'unmatched', personId: null };
    return { taken: await this.act(work, delivery, kind, event), personId: delivery.personId };
  }

  private async act(
    work: Work,
    delivery: FoundDelivery,
    kind: ToldKind | 'delivered' | 'deferred',
    event: MailEvent,
  ): Promise<Taken> {
    const { source, status, reply } = event;
    if (kind === 'delivered') {
      const facts = { source, reason: null, hard: false, status, reply };
      return (await this.outcomes.write(work, delivery, 'delivered', facts)) ? 'applied' : 'known';
    }
    const { reason, hard } = meaningOf(kind, event);
    if (kind === 'deferred') return this.slowDown(work, delivery, reason) ? 'applied' : 'ignored';
    const address = parseAddress(delivery.address);
    // An erased person's mail has no address any more.
    if (!address.ok) return 'ignored';
    const { bucket, id, recipientDomain: domain, life, listId } = delivery;
    const report = { source, kind, reason, hard, status, reply, domain, life, listId } as const;
    const isNew = await this.reports.take(work, [
      { ...report, address: address.address.canonical, delivery: { bucket, id } },
    ]);
    if (isNew.size === 0) return 'known';
    const outcome = outcomeOf[kind];
    if (outcome) await this.outcomes.write(work, delivery, outcome, { source, reason, hard, status, reply });
    this.slowDown(work, delivery, reason);
    return 'applied';
  }

  private slowDown(work: Work, delivery: FoundDelivery, reason: ReplyReason): boolean {
    if (actOn({ kind: 'bounced', reason, hard: false }) !== 'slow_down') return false;
    this.outcomes.slowDown(work, delivery, reason === 'relay_quota' ? 'relay' : 'domain', reason);
    return true;
  }
}

/** To leave is no outcome of a mail. */
const outcomeOf: Record<ToldKind, Outcome | null> = {
  bounced: 'bounced',
  complained: 'complained',
  unsubscribed: null,
};

/** Redacted (RFC 6590), or the address that was written to, however it is spelled. */
function fits(recipient: string | null, address: string): boolean {
  if (recipient === null) return true;
  const [theirs, ours] = [parseAddress(recipient), parseAddress(address)];
  return theirs.ok && ours.ok && theirs.address.canonical === ours.address.canonical;
}

function meaningOf(
  kind: ToldKind | 'deferred',
  { status, reply, reason, hard }: MailEvent,
): { reason: ReplyReason; hard: boolean } {
  if (kind === 'complained' || kind === 'unsubscribed') return { reason: 'complaint', hard: false };
  const code = /^([245]\d\d)\b/.exec(reply ?? '')?.[1];
  const facts = {
    code: code === undefined ? null : Number(code),
    status,
    reply: reply ?? '',
    stage: null,
    prose: '',
  };
  const meaning = understandBounceReply(facts, kind === 'bounced');
  if (reason === null || !Object.hasOwn(replyReasons, reason))
    return { ...meaning, hard: hard ?? meaning.hard };
  const known = reason as ReplyReason;
  return { reason: known, hard: (hard ?? meaning.permanent) && hardReasons.has(known) };
}
