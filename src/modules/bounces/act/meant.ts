import {
  actOn,
  hardReasons,
  parseAddress,
  replyReasons,
  understandBounceReply,
  type ReplyReason,
  type ToldKind,
} from '../../../domain/index.js';
import type { FoundDelivery, ToldOutcome } from '../../delivery/index.js';
import type { AddressReport } from '../../suppression/index.js';
import type { MailEvent } from '../mail-event.js';

type ActedKind = ToldKind | 'delivered' | 'deferred';

/** Kinds of events that something follows from. */
const actedKinds: Partial<Record<MailEvent['kind'], ActedKind>> = {
  delivered: 'delivered',
  deferred: 'deferred',
  bounced: 'bounced',
  // A provider that did not even try: it knows a bounce or a complaint of the address.
  rejected: 'bounced',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
};

/** An event that clearly speaks of one delivery, and what it says of it. */
export interface Meant {
  readonly kind: ActedKind;
  readonly event: MailEvent;
  readonly delivery: FoundDelivery;
  /** Canonical; null where the person was erased: such a mail has no address any more. */
  readonly address: string | null;
  /** Null for what is delivered. */
  readonly reason: ReplyReason | null;
  readonly hard: boolean;
}

/** One that is held against the address. */
interface Report extends Meant {
  readonly kind: ToldKind;
  readonly address: string;
  readonly reason: ReplyReason;
}

export const isActedOn = ({ kind }: MailEvent): boolean => actedKinds[kind] !== undefined;

/**
 * @param event one that is acted on
 * @param found the deliveries that its clues may mean
 * @returns `unmatched` where there is none, or not clearly one; `ignored` where it speaks of another address
 */
export function meantBy(event: MailEvent, found: readonly FoundDelivery[]): Meant | 'unmatched' | 'ignored' {
  const { recipient } = event;
  const named = canonicalOf(recipient);
  // Redacted (RFC 6590), or the address that was written to, however it is spelled.
  const fitting = found
    .map((delivery) => ({ delivery, address: canonicalOf(delivery.address) }))
    .filter(({ address }) => recipient === null || (address !== null && address === named));
  const [one] = fitting;
  if (!one) {
    if (found.length === 0) return 'unmatched';
    return event.mayBeForwarded ? meantBy({ ...event, recipient: null, hard: false }, found) : 'ignored';
  }
  // One mail to several people, and the report does not say whose: not clearly.
  if (fitting.length > 1) return 'unmatched';
  const kind = actedKinds[event.kind]!;
  return { kind, event, ...one, ...meaningOf(kind, event) };
}

/** Of an erased person's mail nothing is held against anybody. */
export const isReport = (meant: Meant): meant is Report =>
  meant.kind !== 'delivered' && meant.kind !== 'deferred' && meant.address !== null;

export function addressReportOf({ event, delivery, ...meant }: Report): AddressReport {
  const { kind, address, reason, hard } = meant;
  const { source, status, reply } = event;
  const { bucket, id, recipientDomain: domain, life, listId } = delivery;
  return {
    source,
    kind,
    address,
    domain,
    delivery: { bucket, id },
    life,
    listId,
    reason,
    hard,
    status,
    reply,
  };
}

/** What becomes of the delivery; undefined where nothing does: to leave is no outcome of a mail. */
export function toldOutcomeOf({ kind, event, delivery, reason, hard }: Meant): ToldOutcome | undefined {
  if (kind === 'deferred' || kind === 'unsubscribed') return undefined;
  const { source, status, reply } = event;
  return { delivery, outcome: kind, facts: { source, reason, hard, status, reply } };
}

/** Of what there should be less for a while. */
export function slowDownOf({ kind, reason }: Meant): 'relay' | 'domain' | undefined {
  if (kind === 'delivered' || reason === null) return undefined;
  if (actOn({ kind: 'bounced', reason, hard: false }) !== 'slow_down') return undefined;
  return reason === 'relay_quota' ? 'relay' : 'domain';
}

function canonicalOf(address: string | null): string | null {
  if (address === null) return null;
  const parsed = parseAddress(address);
  return parsed.ok ? parsed.address.canonical : null;
}

/** Why, and whether for good, by what the source says or else by the words of the server. */
function meaningOf(kind: ActedKind, event: MailEvent): Pick<Meant, 'reason' | 'hard'> {
  if (kind === 'delivered') return { reason: null, hard: false };
  if (kind === 'complained' || kind === 'unsubscribed') return { reason: 'complaint', hard: false };
  const { status, reply, reason, hard } = event;
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
    return { reason: meaning.reason, hard: hard ?? meaning.hard };
  const known = reason as ReplyReason;
  return { reason: known, hard: (hard ?? meaning.permanent) && hardReasons.has(known) };
}
