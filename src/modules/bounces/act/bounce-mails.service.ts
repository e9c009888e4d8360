import { Injectable } from '@nestjs/common';
import { storableText } from '../../../domain/index.js';
import type { Work } from '../../../platform/database/index.js';
import type { Handled, InboundMail } from '../../inbound/index.js';
import type { MailEvent } from '../mail-event.js';
import { understandBounce } from '../understand/index.js';
import type { BounceKind, Understood, UnderstoodRecipient } from '../understand/index.js';
import { MailEvents, type Taken, type TakenOf } from './mail-events.service.js';

/** By what a report that was received finds its delivery; only what is signed is proof. */
export type ProvenClues = Pick<MailEvent, 'delivery' | 'deliveryId'>;

/** What proves which delivery a report may speak of, by what is signed; undefined where nothing is. */
export type Prove = (mail: InboundMail, understood: Understood) => ProvenClues | undefined;

/** Kinds of mail that tell nothing: nobody is unreachable by being on holiday. */
const silent: ReadonlySet<BounceKind> = new Set(['auto-reply', 'challenge', 'other']);
const mostTelling: readonly Taken[] = ['applied', 'known', 'ignored', 'unmatched'];

/** Reports that came by mail, each as events about one delivery. */
@Injectable()
export class BounceMails {
  constructor(private readonly events: MailEvents) {}

  /** @returns what became of each mail */
  async take(work: Work, mails: readonly InboundMail[], prove: Prove): Promise<Handled[]> {
    const told = mails.map((mail) => toldBy(mail, prove));
    const taken = await this.events.take(
      work,
      told.flatMap(({ events }) => events),
    );
    let end = 0;
    return told.map(({ events, nothing }) =>
      events.length === 0
        ? { state: 'ignored', reason: nothing }
        : handledBy(taken.slice(end, (end += events.length))),
    );
  }
}

/** The events of one mail, or why it has none. */
function toldBy(
  mail: InboundMail,
  prove: Prove,
): { readonly events: readonly MailEvent[]; readonly nothing: string } {
  const understood = understandBounce(mail.raw);
  // Shown in a terminal.
  const nothing = (understood.feedbackType ?? understood.kind).replaceAll(/[^\w-]/g, '').slice(0, 40);
  if (silent.has(understood.kind)) return { events: [], nothing };
  const events = understood.recipients.flatMap((recipient) => eventsOf(understood, recipient));
  const clues = prove(mail, understood);
  if (events.length > 0 && !clues) return { events: [], nothing: 'nothing signed in it' };
  // The signed address says that our mail is meant; many servers report the mailbox behind an alias, or to which it was forwarded.
  const mayBeForwarded = events.every(({ kind }) => kind === 'bounced');
  return { events: events.map((event) => ({ ...event, ...clues, mayBeForwarded })), nothing };
}

function handledBy(results: readonly TakenOf[]): Handled {
  const taken = mostTelling.find((one) => results.some((result) => result.taken === one)) ?? 'unmatched';
  const personId = results.find((result) => result.personId !== null)?.personId ?? null;
  const forget = results.some(({ isErased }) => isErased);
  return { personId, reason: taken, forget, ...(taken !== 'applied' && { state: 'ignored' as const }) };
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
      // Loops put a hash in the place of who complained (RFC 6590), or the mailbox that it was forwarded to: what is signed says whose.
      recipient: kind === 'complaint' ? null : address,
      delivery: null,
      deliveryId: null,
      messageId: null,
      relayId: null,
      status: status === null ? null : storableText(status).slice(0, 40),
      reply: reply === '' ? null : storableText(reply),
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
