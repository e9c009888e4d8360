import {
  isAligned,
  isDmarc,
  organisationalDomain,
  readDmarc,
  type DmarcRecord,
} from '../../../domain/index.js';
import type { DkimKeys } from '../../delivery/index.js';
import type { Dns } from '../dns.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check, Surroundings } from '../surroundings.js';

type Found =
  | { readonly kind: 'record'; readonly at: string; readonly record: DmarcRecord }
  | { readonly kind: 'none' | 'several' | 'wrong' | 'unknown'; readonly why: string };

/** DMARC (RFC 7489): the policy of each domain in From, and whether what is proved is aligned with it. */
export const dmarcCheck =
  (keys: DkimKeys): Check =>
  async (at) => {
    const findings = await Promise.all(at.domains.map(async (domain) => ofDomain(at, keys, domain)));
    return findings.flat();
  };

async function ofDomain(at: Surroundings, keys: DkimKeys, domain: string): Promise<Finding[]> {
  const find = findingsOf('dmarc', domain);
  const found = await recordOf(at.dns, domain);
  switch (found.kind) {
    case 'unknown':
      return [find.unknown(found.why, 'Try again where the DNS answers, or set DNS_SERVERS.')];
    case 'none':
      return [
        find.failure(
          found.why,
          `Publish a TXT record at _dmarc.${organisationalDomain(domain)}: "v=DMARC1; p=none; rua=mailto:dmarc@${organisationalDomain(domain)}"`,
        ),
      ];
    case 'record':
      return [ofPolicy(domain, found), await ofAlignment(at, keys, domain, found.record)];
    default:
      return [
        find.failure(
          found.why,
          'Leave one record that begins with "v=DMARC1; p=": any other is as good as none.',
        ),
      ];
  }
}

/** RFC 7489 §6.6.3: at the domain itself, else at its organisational domain. */
async function recordOf(dns: Dns, domain: string): Promise<Found> {
  const organisation = organisationalDomain(domain);
  for (const at of new Set([domain, organisation])) {
    const answer = await dns.txt(`_dmarc.${at}`);
    if (answer.kind === 'unknown') return { kind: 'unknown', why: answer.why };
    const texts = answer.kind === 'records' ? answer.records.filter(isDmarc) : [];
    if (texts.length > 1)
      return { kind: 'several', why: `There are ${texts.length} DMARC records at _dmarc.${at}` };
    const [text] = texts;
    if (text === undefined) continue;
    const read = readDmarc(text);
    if (!read.ok) return { kind: 'wrong', why: `The DMARC record at _dmarc.${at} is wrong: ${read.problem}` };
    return { kind: 'record', at, record: read.record };
  }
  const others = organisation === domain ? '' : `, nor at _dmarc.${organisation}`;
  return {
    kind: 'none',
    why: `There is no DMARC record at _dmarc.${domain}${others}; Gmail and Yahoo want one`,
  };
}

function ofPolicy(domain: string, { at, record }: Extract<Found, { kind: 'record' }>): Finding {
  const find = findingsOf('dmarc', domain);
  const policy = at === domain ? record.policy : record.subdomainPolicy;
  const is = `The record at _dmarc.${at} asks for p=${policy}${record.percent < 100 ? ` for ${record.percent} % of mail` : ''}`;
  if (record.reports.length === 0)
    return find.warning(
      `${is}, and nobody gets its reports`,
      'Add rua=mailto:… with a mailbox that somebody, or a service, reads.',
    );
  if (policy === 'none')
    return find.warning(
      `${is}: mail that others send in your name is let through`,
      'When its reports show that all your mail passes, raise it to p=quarantine, then p=reject.',
    );
  return find.ok(is);
}

async function ofAlignment(
  at: Surroundings,
  keys: DkimKeys,
  domain: string,
  record: DmarcRecord,
): Promise<Finding> {
  const find = findingsOf('alignment', domain);
  const { BOUNCE_DOMAIN = domain } = at.config.env;
  const spf = isAligned(domain, BOUNCE_DOMAIN, record.spf);
  const mode = record.spf === 's' ? 'strict' : 'relaxed';
  const signs = (await keys.list(domain)).some(({ retiredAt }) => retiredAt === null);
  // Our keys sign with d= the domain of From: aligned in either mode.
  if (signs && spf)
    return find.ok(`DKIM (d=${domain}) and the envelope (${BOUNCE_DOMAIN}) are aligned with From`);
  if (signs)
    return find.warning(
      `DKIM (d=${domain}) is aligned with From, the envelope (${BOUNCE_DOMAIN}) is not (aspf is ${mode})`,
      `Take a BOUNCE_DOMAIN ${record.spf === 's' ? `that is ${domain} itself, or change aspf to r` : `under ${organisationalDomain(domain)}`}: then one may fail and mail still passes.`,
    );
  if (at.relays.some(({ signing }) => signing === 'relay'))
    return find.unknown(
      `Whether the relay signs with a domain that is aligned with ${domain} is not known here`,
      `Look at a mail that arrived: one DKIM-Signature must say d=${record.dkim === 's' ? domain : organisationalDomain(domain)}.`,
    );
  return spf
    ? find.warning(
        `Only the envelope (${BOUNCE_DOMAIN}) is aligned with From; mail that is forwarded fails`,
        `Sign too: postrider dkim create ${domain}`,
      )
    : find.failure(
        `Neither a DKIM key nor the envelope (${BOUNCE_DOMAIN}) is aligned with From: all mail fails DMARC`,
        `postrider dkim create ${domain}; and take a BOUNCE_DOMAIN under ${organisationalDomain(domain)}.`,
      );
}
