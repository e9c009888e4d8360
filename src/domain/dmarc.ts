import { readTagList } from './tag-list.js';

export type DmarcPolicy = 'none' | 'quarantine' | 'reject';
/** `r`: the same organisational domain is enough; `s`: the same domain. */
export type Alignment = 'r' | 's';

/** What a domain asks of whoever receives mail in its name (RFC 7489 §6.3). */
export interface DmarcRecord {
  readonly policy: DmarcPolicy;
  /** For domains below it. */
  readonly subdomainPolicy: DmarcPolicy;
  readonly dkim: Alignment;
  readonly spf: Alignment;
  /** The policy holds for so many of a hundred mails. */
  readonly percent: number;
  /** Where reports go; empty: nobody hears what fails. */
  readonly reports: readonly string[];
}

export type ReadDmarc =
  | { readonly ok: true; readonly record: DmarcRecord }
  | { readonly ok: false; readonly problem: string };

/** Whether a TXT record at `_dmarc` is meant as one; any other there does not count (RFC 7489 §6.6.3). */
export function isDmarc(text: string): boolean {
  return /^v\s*=\s*DMARC1\s*(;|$)/.test(text);
}

export function readDmarc(text: string): ReadDmarc {
  const tags = readTagList(text);
  if (!tags || !isDmarc(text))
    return { ok: false, problem: 'it is no list of tags such as "v=DMARC1; p=none"' };
  const reports = (tags.get('rua') ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => uri !== '');
  const stated = tags.get('p')?.toLowerCase();
  const policy = isPolicy(stated) ? stated : undefined;
  // RFC 7489 §6.6.3: a record without a policy that can be read counts as "none" where it says at least where reports go.
  if (!policy && !reports.some((uri) => /^mailto:/i.test(uri)))
    return { ok: false, problem: 'p= is none of none, quarantine, reject' };
  const below = tags.get('sp')?.toLowerCase();
  const percent = Number(tags.get('pct') ?? 100);
  return {
    ok: true,
    record: {
      policy: policy ?? 'none',
      subdomainPolicy: isPolicy(below) ? below : (policy ?? 'none'),
      dkim: alignmentOf(tags.get('adkim')),
      spf: alignmentOf(tags.get('aspf')),
      percent: Number.isInteger(percent) && percent >= 0 && percent <= 100 ? percent : 100,
      reports,
    },
  };
}

function isPolicy(value: string | undefined): value is DmarcPolicy {
  return value === 'none' || value === 'quarantine' || value === 'reject';
}

const alignmentOf = (value: string | undefined): Alignment => (value?.toLowerCase() === 's' ? 's' : 'r');

/** Second labels under which registries of countries sell names, as in example.co.uk. */
const secondLevel = /^(ac|co|com|edu|gob|gouv|gov|gv|ltd|mil|ne|net|nom|or|org|plc|sch)$/;

/**
 * The domain that an organisation registered: two labels, or three under second labels such as co.uk and com.au. That is simpler than
 * the public suffix list (RFC 7489 §3.2), which changes weekly and is not here; under rarer suffixes, such as those of hosters, it
 * takes too few labels, and says "aligned" where a receiver may not.
 */
export function organisationalDomain(domain: string): string {
  const labels = domain.toLowerCase().replace(/\.$/, '').split('.');
  const isCountry = labels.at(-1)?.length === 2;
  const taken = isCountry && secondLevel.test(labels.at(-2) ?? '') ? 3 : 2;
  return labels.slice(-taken).join('.');
}

/** Whether a domain that was proved, by DKIM's d= or by the envelope, may speak for the one in From (RFC 7489 §3.1). */
export function isAligned(from: string, proved: string, mode: Alignment): boolean {
  const [a, b] = [from.toLowerCase(), proved.toLowerCase()];
  return mode === 's' ? a === b : organisationalDomain(a) === organisationalDomain(b);
}
