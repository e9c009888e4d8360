import { inNetwork, isIp } from './ip-network.js';

/** Who may send in the name of a domain (RFC 7208), as far as it can be told without a mail. */

const mechanisms = ['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists'] as const;
export type SpfMechanism = (typeof mechanisms)[number];
export type SpfQualifier = '+' | '-' | '~' | '?';
export type SpfVerdict = 'pass' | 'fail' | 'softfail' | 'neutral';

/** RFC 7208 §4.6.4: who needs more is no longer checked, and fails. */
export const SPF_MOST_LOOKUPS = 10;

export interface SpfTerm {
  readonly qualifier: SpfQualifier;
  readonly mechanism: SpfMechanism;
  /** A domain or an address; null: the domain that the record is of. */
  readonly value: string | null;
  /** Of IPv4 and of IPv6 addresses; null: the whole address. */
  readonly bits4: number | null;
  readonly bits6: number | null;
}

export interface SpfRecord {
  readonly terms: readonly SpfTerm[];
  /** Whose record decides where no term does. */
  readonly redirect: string | null;
}

export type ReadSpf =
  | { readonly ok: true; readonly record: SpfRecord }
  | { readonly ok: false; readonly problem: string };

/** Whether a TXT record is an SPF record (RFC 7208 §4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

/** @param text one TXT record, its strings joined without a space */
export function readSpf(text: string): ReadSpf {
  if (!isSpf(text)) return { ok: false, problem: 'it does not begin with v=spf1' };
  const terms: SpfTerm[] = [];
  let redirect: string | null = null;
  for (const word of text.split(/ +/).slice(1)) {
    if (word === '') continue;
    const [, name, value = ''] = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(word) ?? [];
    if (name !== undefined) {
      if (name.toLowerCase() !== 'redirect') continue;
      if (redirect !== null || value === '')
        return { ok: false, problem: 'redirect= stands twice, or is empty' };
      redirect = value;
      continue;
    }
    const term = readTerm(word);
    if (!term) return { ok: false, problem: `"${word}" is no mechanism` };
    terms.push(term);
  }
  return { ok: true, record: { terms, redirect } };
}

function readTerm(word: string): SpfTerm | undefined {
  const [, qualifier = '', name = '', rest = ''] = /^([+\-~?]?)([a-z0-9]+)(.*)$/i.exec(word) ?? [];
  const [, named = '', cidr = ''] = /^(.*?)((?:\/\d{1,3})?(?:\/\/\d{1,3})?)$/.exec(rest) ?? [];
  const value = named.startsWith(':') ? named.slice(1) : undefined;
  const mechanism = mechanisms.find((one) => one === name.toLowerCase());
  if (!mechanism || value === '' || (named !== '' && value === undefined)) return undefined;
  const [, first, second] = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(cidr) ?? [];
  const isIp6 = mechanism === 'ip6';
  const bits4 = first === undefined || isIp6 ? null : Number(first);
  const six = isIp6 ? first : second;
  const bits6 = six === undefined ? null : Number(six);
  if ((bits4 ?? 0) > 32 || (bits6 ?? 0) > 128) return undefined;
  const takesValue = mechanism !== 'all';
  const needsValue = takesValue && !['a', 'mx', 'ptr'].includes(mechanism);
  if ((needsValue && value === undefined) || (!takesValue && value !== undefined)) return undefined;
  const isNetwork = mechanism === 'ip4' || isIp6;
  if (isNetwork && (!isIp(value ?? '') || value?.includes(':') !== isIp6)) return undefined;
  if (cidr !== '' && !isNetwork && mechanism !== 'a' && mechanism !== 'mx') return undefined;
  return { qualifier: (qualifier || '+') as SpfQualifier, mechanism, value: value ?? null, bits4, bits6 };
}

/** A record with what its names stood for when somebody asked the DNS. */
export interface SpfTree {
  readonly domain: string;
  readonly terms: readonly SpfBranch[];
  readonly redirect: SpfTree | null;
}

export interface SpfBranch extends SpfTerm {
  /** Of `a` and `mx`. */
  readonly addresses: readonly string[];
  /** Of `include`. */
  readonly included: SpfTree | null;
}

/** Questions to the DNS that the whole record costs whoever checks it (RFC 7208 §4.6.4). */
export function spfLookups({ terms, redirect }: SpfTree): number {
  const own = terms.reduce(
    (sum, term) => sum + (asksDns(term) ? 1 : 0) + (term.included ? spfLookups(term.included) : 0),
    0,
  );
  return own + (redirect ? 1 + spfLookups(redirect) : 0);
}

/** Whether a term costs a question to the DNS. */
function asksDns({ mechanism }: SpfTerm): boolean {
  return mechanism !== 'all' && mechanism !== 'ip4' && mechanism !== 'ip6';
}

/** What the record says of mail from this address. `exists`, `ptr` and macros need a mail: they are taken not to fit. */
export function spfVerdict({ terms, redirect }: SpfTree, address: string): SpfVerdict {
  const term = terms.find((one) => fits(one, address));
  if (term) return verdictOf[term.qualifier];
  return redirect ? spfVerdict(redirect, address) : 'neutral';
}

/** What becomes of mail that nothing in the record names; null where the record does not say. */
export function spfRest({ terms, redirect }: SpfTree): SpfVerdict | null {
  const all = terms.find(({ mechanism }) => mechanism === 'all');
  if (all) return verdictOf[all.qualifier];
  return redirect ? spfRest(redirect) : null;
}

const verdictOf: Record<SpfQualifier, SpfVerdict> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

function fits(term: SpfBranch, address: string): boolean {
  const { mechanism, value, bits4, bits6, addresses, included } = term;
  const bits = address.includes(':') ? bits6 : bits4;
  switch (mechanism) {
    case 'all':
      return true;
    case 'ip4':
    case 'ip6':
      return inNetwork(address, value ?? '', bits);
    case 'a':
    case 'mx':
      return addresses.some((one) => inNetwork(address, one, bits));
    case 'include':
      return included !== null && spfVerdict(included, address) === 'pass';
    default:
      return false;
  }
}
