import { Injectable } from '@nestjs/common';
import { addressParser } from 'postal-mime';
import { parseAddress } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import {
  automaticSign,
  InboundRepository,
  InboundRoute,
  type Handled,
  type InboundMail,
} from '../inbound/index.js';
import { People } from '../subscribers/index.js';
import { Links } from './links.service.js';

const LOCAL_PART = 'unsubscribe';
/** RFC 3834 §2: an automatic answer goes to nobody twice in a while; and whoever forges From fills no inbox with it. */
const QUIET_HOURS = 24;

/**
 * `unsubscribe@BOUNCE_DOMAIN`, for people who write to it by hand. Nothing in such a mail is signed, and From is what anybody may
 * write, so it ends nothing: the person whose address stands there is sent a link, once a day, and strangers hear nothing.
 */
@Injectable()
export class RequestsByMail extends InboundRoute {
  readonly name = 'unsubscribe';

  constructor(
    private readonly people: People,
    private readonly links: Links,
    private readonly mails: InboundRepository,
  ) {
    super();
  }

  recognises(localPart: string): boolean {
    return localPart.toLowerCase() === LOCAL_PART;
  }

  async handle(work: Work, mail: InboundMail): Promise<Handled> {
    const canonical = authorOf(mail);
    const person = canonical && (await this.people.byAddress(work.trx, canonical));
    if (!person || person.erasedAt !== null) return { state: 'ignored', reason: 'nobody known' };
    const personId = person.id;
    const sign = automaticSign(mail);
    if (sign !== undefined) return { state: 'ignored', reason: `automatic: ${sign}`, personId };
    if (await this.mails.wasDone(work.trx, this.name, personId, QUIET_HOURS))
      return { state: 'ignored', reason: 'was answered today', personId };
    const sent = await this.links.send(work, person);
    return sent ? { personId } : { state: 'ignored', reason: 'had enough links today', personId };
  }
}

/** The canonical form of the one address in From; undefined where there is none, or several. */
function authorOf({ headers }: InboundMail): string | undefined {
  const fields = headers.all('from');
  const [author, ...more] = addressParser(Buffer.from(fields[0] ?? '', 'latin1').toString(), {
    flatten: true,
  });
  if (fields.length !== 1 || !author || more.length > 0) return undefined;
  const parsed = parseAddress(author.address ?? '');
  return parsed.ok ? parsed.address.canonical : undefined;
}
