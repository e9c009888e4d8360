import {
  actOn,
  isHardRefusal,
  parseAddress,
  parseReply,
  replyReasons,
  type ReplyReason,
} from '../../domain/index.js';
import type { AddressReport } from '../suppression/index.js';
import type { Settlement } from './settlement.js';

/** A delivery that failed in our own dialogue with the relay. */
export interface RefusedDelivery {
  readonly bucket: string;
  readonly id: number;
  readonly address: string;
  readonly recipientDomain: string;
  readonly listId: string | null;
  readonly life: Date | null;
  readonly reason: string | null;
  readonly replyCode: number | null;
  readonly reply: string | null;
}

/** Whether a result holds something against its address; cheap, asked for every result. */
export function isAgainstAddress({
  state,
  reason,
  replyCode,
}: Pick<Settlement, 'state' | 'reason' | 'replyCode'>): boolean {
  if (state !== 'failed' || !isReason(reason)) return false;
  const act = actOn({ kind: 'bounced', reason, hard: isHardRefusal(reason, replyCode) });
  return act === 'suppress' || act === 'count';
}

/** What our own dialogue says of an address, in the form in which a report would; nothing where it says nothing of it. */
export function reportOfRefusal(refused: RefusedDelivery): AddressReport[] {
  const { bucket, id, address, recipientDomain, listId, life, reason, replyCode, reply } = refused;
  const parsed = parseAddress(address);
  if (!parsed.ok || !isReason(reason) || !isAgainstAddress({ state: 'failed', reason, replyCode })) return [];
  return [
    {
      source: 'smtp',
      kind: 'bounced',
      address: parsed.address.canonical,
      domain: recipientDomain,
      delivery: { bucket, id },
      life,
      listId,
      reason,
      hard: isHardRefusal(reason, replyCode),
      status: parseReply(reply ?? '')?.enhanced ?? null,
      reply,
    },
  ];
}

/** A reason may also be "content: …" or "no_answer", which no server says. */
function isReason(reason: string | null): reason is ReplyReason {
  return reason !== null && Object.hasOwn(replyReasons, reason);
}
