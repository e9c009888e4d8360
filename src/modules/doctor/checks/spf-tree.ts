import { readSpf, SPF_MOST_LOOKUPS, isSpf, type SpfTerm, type SpfTree } from '../../../domain/index.js';
import type { Dns } from '../dns.js';

/** Where following a record stopped: there is none, there are several, it is wrong, or the DNS did not say. */
export class NoSpf extends Error {
  constructor(
    readonly kind: 'none' | 'several' | 'wrong' | 'unknown',
    readonly domain: string,
    message: string,
  ) {
    super(message);
  }
}

/** Well above what is allowed, so that the number can be told; a loop ends there. */
const MOST_FOLLOWED = 3 * SPF_MOST_LOOKUPS;

/**
 * A domain's SPF record with all that it refers to.
 * @throws NoSpf where it, or one that it includes, cannot be used
 */
export async function spfTree(dns: Dns, domain: string, followed = { count: 0 }): Promise<SpfTree> {
  const answer = await dns.txt(domain);
  if (answer.kind === 'unknown') throw new NoSpf('unknown', domain, answer.why);
  const texts = answer.kind === 'records' ? answer.records.filter(isSpf) : [];
  const [text] = texts;
  if (text === undefined) throw new NoSpf('none', domain, `${domain} has no SPF record`);
  if (texts.length > 1) throw new NoSpf('several', domain, `${domain} has ${texts.length} SPF records`);
  const read = readSpf(text);
  if (!read.ok) throw new NoSpf('wrong', domain, `the SPF record of ${domain} is wrong: ${read.problem}`);
  const { terms, redirect } = read.record;
  const branches: SpfTree['terms'][number][] = [];
  // One after the other: the first that does not answer ends it, and the time is kept.
  for (const term of terms) branches.push({ ...term, ...(await behind(dns, domain, term, followed)) });
  // RFC 7208 §6.1: with "all" nothing is redirected.
  const isRedirected = redirect !== null && !terms.some(({ mechanism }) => mechanism === 'all');
  return {
    domain,
    terms: branches,
    redirect: isRedirected && mayFollow(redirect, followed) ? await spfTree(dns, redirect, followed) : null,
  };
}

async function behind(
  dns: Dns,
  domain: string,
  { mechanism, value }: SpfTerm,
  followed: { count: number },
): Promise<{ addresses: readonly string[]; included: SpfTree | null }> {
  const name = value ?? domain;
  const nothing = { addresses: [], included: null };
  if (!['a', 'mx', 'include'].includes(mechanism) || !mayFollow(name, followed)) return nothing;
  if (mechanism === 'include') return { ...nothing, included: await spfTree(dns, name, followed) };
  if (mechanism === 'a') return { ...nothing, addresses: await recordsOf(dns.addresses(name), name) };
  const hosts = await recordsOf(dns.mx(name), name);
  const found = await Promise.all(
    hosts.slice(0, SPF_MOST_LOOKUPS).map(async (host) => recordsOf(dns.addresses(host), host)),
  );
  return { ...nothing, addresses: found.flat() };
}

/** A name with a macro (RFC 7208 §7) is made of a mail, and there is none. */
function mayFollow(name: string, followed: { count: number }): boolean {
  followed.count += 1;
  return followed.count <= MOST_FOLLOWED && !name.includes('%');
}

async function recordsOf(asked: ReturnType<Dns['addresses']>, name: string): Promise<readonly string[]> {
  const answer = await asked;
  if (answer.kind === 'unknown') throw new NoSpf('unknown', name, answer.why);
  return answer.kind === 'records' ? answer.records : [];
}
