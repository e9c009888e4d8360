import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../platform/config/index.js';
import { within } from '../../platform/queue/index.js';

/** Why no mail can reach a domain. It is stored and shown to API callers. */
export type Unreachable = 'no_such_domain' | 'takes_no_mail';

/** `unknown`: the DNS did not say. That speaks of the DNS and is no reason to refuse anybody. */
type Verdict = 'takes_mail' | 'unknown' | Unreachable;

const KNOWN_FOR_MS = 5 * 60_000;
/** A DNS that is down is asked again soon, but not for every form. */
const UNKNOWN_FOR_MS = 20_000;
const DOMAINS_KEPT = 10_000;
/** For each question; a second try doubles it. */
const QUESTION_MS = 1_000;
const PATIENCE_MS = 5_000;

/** c-ares's names for "this name is not there" (NXDOMAIN) and "the name is, but no such record". */
const NO_NAME = 'ENOTFOUND';
const NO_DATA = 'ENODATA';

/**
 * Whether a domain takes mail, by its DNS: the MX records (RFC 5321 §5.1), the null MX (RFC 7505), and where there is no MX the address
 * record. No mail server is ever asked about an address: that is rude, unreliable, and tells who is about to be mailed.
 */
@Injectable()
export class MailDomains {
  private readonly resolver = new Resolver({ timeout: QUESTION_MS, tries: 2 });
  /** Answers on their way too: a thousand forms for one domain are one question. */
  private readonly verdicts = new LRUCache<string, Promise<Verdict>>({ max: DOMAINS_KEPT });
  /** Whether it asks at all; where it does not, no domain is ever refused. */
  readonly asks: boolean;
  private readonly sandbox: string;

  constructor(config: Config) {
    this.sandbox = config.env.SANDBOX_DOMAIN;
    const servers = config.dnsServers;
    if (servers) this.resolver.setServers(servers);
    // Without a relay out there every address is reachable: a laptop without internet must work. What a relay on this machine
    // makes of a domain is for it to say, unless somebody named the servers to ask.
    this.asks = servers !== undefined || config.mailLeaves;
  }

  /** Why mail cannot reach a domain; undefined where it can, or where nobody knows. @param domain as A-labels */
  async unreachable(domain: string): Promise<Unreachable | undefined> {
    if (!this.asks || domain === this.sandbox) return undefined;
    const verdict = await (this.verdicts.get(domain) ?? this.ask(domain));
    return verdict === 'takes_mail' || verdict === 'unknown' ? undefined : verdict;
  }

  private async ask(domain: string): Promise<Verdict> {
    const asking = within(PATIENCE_MS, this.look(domain)).catch((): Verdict => 'unknown');
    this.verdicts.set(domain, asking, { ttl: KNOWN_FOR_MS });
    const verdict = await asking;
    if (verdict === 'unknown') this.verdicts.set(domain, asking, { ttl: UNKNOWN_FOR_MS });
    return verdict;
  }

  private async look(domain: string): Promise<Verdict> {
    // With the final dot a search list in resolv.conf has no say.
    const name = `${domain}.`;
    const mx = await answerOf(this.resolver.resolveMx(name));
    if (Array.isArray(mx)) {
      return mx.every(({ exchange }) => exchange === '' || exchange === '.') ? 'takes_no_mail' : 'takes_mail';
    }
    if (mx !== NO_DATA) return mx === NO_NAME ? 'no_such_domain' : 'unknown';
    const hosts = await Promise.all([
      answerOf(this.resolver.resolve4(name)),
      answerOf(this.resolver.resolve6(name)),
    ]);
    if (hosts.some((found) => Array.isArray(found))) return 'takes_mail';
    return hosts.every((code) => code === NO_DATA || code === NO_NAME) ? 'takes_no_mail' : 'unknown';
  }
}

/** The records, or the code of the failure. */
async function answerOf<T>(question: Promise<T[]>): Promise<T[] | string> {
  try {
    const records = await question;
    return records.length > 0 ? records : NO_DATA;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}
