import { isIP } from 'node:net';
import { Resolver } from 'node:dns/promises';

/** `none`: the name or the record is not there, and the DNS said so. `unknown`: it did not answer. */
export type Answer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string };

/** For each question; the second try waits twice as long. */
const QUESTION = { timeout: 1_500, tries: 2 };
/** c-ares's names for NXDOMAIN and for "no such record". */
const absent = new Set(['ENOTFOUND', 'ENODATA']);

/** Asks the servers of DNS_SERVERS, or the machine's own; each question once. */
export class Dns {
  private readonly resolver = new Resolver(QUESTION);
  private readonly asked = new Map<string, Promise<Answer<unknown>>>();

  constructor(servers: readonly string[] | undefined) {
    if (servers) this.resolver.setServers(servers);
  }

  /** Each record with its strings joined, as SPF, DKIM and DMARC want them. */
  async txt(name: string): Promise<Answer<string>> {
    return this.ask(`TXT ${name}`, async () =>
      (await this.resolver.resolveTxt(full(name))).map((strings) => strings.join('')),
    );
  }

  /** The hosts, the preferred one first; a null MX (RFC 7505) is an empty name. */
  async mx(name: string): Promise<Answer<string>> {
    return this.ask(`MX ${name}`, async () =>
      (await this.resolver.resolveMx(full(name)))
        .toSorted((a, b) => a.priority - b.priority)
        .map(({ exchange }) => exchange),
    );
  }

  /** Of both kinds. An address is its own answer. */
  async addresses(name: string): Promise<Answer<string>> {
    if (isIP(name) !== 0) return { kind: 'records', records: [name] };
    // RFC 6761 §6.3: no DNS is asked for it.
    if (name === 'localhost') return { kind: 'records', records: ['127.0.0.1', '::1'] };
    const [four, six] = await Promise.all([
      this.ask(`A ${name}`, async () => this.resolver.resolve4(full(name))),
      this.ask(`AAAA ${name}`, async () => this.resolver.resolve6(full(name))),
    ]);
    const found = [four, six].flatMap((answer) => (answer.kind === 'records' ? answer.records : []));
    if (found.length > 0) return { kind: 'records', records: found };
    return four.kind === 'unknown' ? four : six;
  }

  /** The names of an address (PTR). */
  async names(address: string): Promise<Answer<string>> {
    return this.ask(`PTR ${address}`, async () => this.resolver.reverse(address));
  }

  private async ask(question: string, resolve: () => Promise<string[]>): Promise<Answer<string>> {
    const known = this.asked.get(question) as Promise<Answer<string>> | undefined;
    if (known) return known;
    const answer = answerOf(question, resolve);
    this.asked.set(question, answer);
    return answer;
  }
}

async function answerOf(question: string, resolve: () => Promise<string[]>): Promise<Answer<string>> {
  try {
    const records = await resolve();
    return records.length > 0 ? { kind: 'records', records } : { kind: 'none' };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (absent.has(code)) return { kind: 'none' };
    return { kind: 'unknown', why: `the DNS gave no answer to ${question} (${code || message})` };
  }
}

/** With the final dot a search list in resolv.conf has no say. */
const full = (name: string): string => (name.endsWith('.') ? name : `${name}.`);
