import { Injectable } from '@nestjs/common';
import type { Work } from '../../../platform/database/index.js';
import type { Handled, InboundMail } from '../../inbound/index.js';
import type { MailEvent } from '../mail-event.js';
import { understandBounce } from '../understand/index.js';
import type { BounceKind, Understood, UnderstoodRecipient } from '../understand/index.js';
import { MailEvents, type Taken, type TakenOf } from './mail-events.service.js';

/** By what a report that was received finds its delivery; only what is signed is proof. */
export type ProvenClues = Pick<MailEvent, 'delivery' | 'deliveryId'>;

/** Kinds of mail that tell nothing: nobody is unreachable by being on holiday. */
const silent: ReadonlySet<BounceKind> = new Set(['auto-reply', 'challenge', 'other']);
const mostTelling: readonly Taken[] = ['applied', 'known', 'ignored', 'unmatched'];

/** A report that came by mail, as events about one delivery. */
@Injectable()
export class BounceMails {
  constructor(private readonly events: MailEvents) {}

  /** @param prove the delivery that the report may speak of, by what is signed in it; undefined where nothing is */
  async take(
    work: Work,
    mail: InboundMail,
    prove: (understood: Understood) => ProvenClues | undefined,
  ): Promise<Handled> {
    const understood = understandBounce(mail.raw);
    const told = understood.recipients.flatMap((recipient) => eventsOf(understood, recipient));
    if (silent.has(understood.kind) || told.length === 0)
      return { state: 'ignored', reason: understood.feedbackType ?? understood.kind };
    const clues = prove(understood);
    if (!clues) return { state: 'ignored', reason: 'nothing signed in it' };
    const results: TakenOf[] = [];
    for (const event of told)
      results.push(await this.takeOne(work, { ...event, ...clues }, told.length === 1));
    const taken = mostTelling.find((one) => results.some((result) => result.taken === one)) ?? 'unmatched';
    const personId = results.find((result) => result.personId !== null)?.personId ?? null;
    return { personId, reason: taken, ...(taken !== 'applied' && { state: 'ignored' as const }) };
  }

  /**
   * A mail that was forwarded bounces at an address that we never wrote to, and many servers report the mailbox behind an alias. The
   * signed address says that our mail is meant; so it counts against the address that we wrote to, but never for good.
   */
  private async takeOne(work: Work, event: MailEvent, isAlone: boolean): Promise<TakenOf> {
    const result = await this.events.takeOf(work, event);
    if (result.taken !== 'ignored' || !isAlone || event.kind !== 'bounced') return result;
    return this.events.takeOf(work, { ...event, recipient: null, hard: false });
  }
}

function eventsOf({ kind }: Understood, recipient: UnderstoodRecipient): MailEvent[] {
  const told = kindOf(kind, recipient);
  if (!told) return [];
  const { address, status, reply, reason, hard } = recipient;
  return [
    {
      source: kind === 'complaint' ? 'arf' : 'dsn',
      kind: told,
      eventId: null,
      occurredAt: null,
      recipient: address,
      delivery: null,
      deliveryId: null,
      messageId: null,
      relayId: null,
      status,
      reply: reply === '' ? null : reply,
      reason,
      hard,
    },
  ];
}

/** RFC 3464 §2.3.3; `relayed` and `expanded` say only that nothing more will be heard. */
function kindOf(kind: BounceKind, { action, reason }: UnderstoodRecipient): MailEvent['kind'] | undefined {
  if (kind === 'complaint') return reason === 'complaint' ? 'complained' : undefined;
  if (action === 'failed') return 'bounced';
  if (action === 'delayed') return 'deferred';
  return action === 'delivered' ? 'delivered' : undefined;
}
