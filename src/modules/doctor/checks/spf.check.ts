import { SPF_MOST_LOOKUPS, spfLookups, spfRest, spfVerdict, type SpfTree } from '../../../domain/index.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check, Surroundings } from '../surroundings.js';
import { publicAddresses, settingsOf } from './relay-addresses.js';
import { NoSpf, spfTree } from './spf-tree.js';

const EXAMPLE = '"v=spf1 include:<what your relay names> -all"';

/**
 * SPF (RFC 7208) of each domain in an envelope. With BOUNCE_DOMAIN that is this one; the domains of From then need a record only so
 * that nobody else sends in their name.
 */
export const spfCheck: Check = async (at) => {
  const { BOUNCE_DOMAIN } = at.config.env;
  // What stays in the built-in inbox has no envelope that anybody looks at.
  if (at.domains.length === 0) return [];
  const domains = new Set([...(BOUNCE_DOMAIN === undefined ? [] : [BOUNCE_DOMAIN]), ...at.domains]);
  const findings = await Promise.all(
    [...domains].map(async (domain) => ofDomain(at, domain, domain === (BOUNCE_DOMAIN ?? domain))),
  );
  return findings.flat();
};

async function ofDomain(at: Surroundings, domain: string, isEnvelope: boolean): Promise<Finding[]> {
  const find = findingsOf('spf', domain);
  try {
    const tree = await spfTree(at.dns, domain);
    return [ofRecord(tree, domain), ...(isEnvelope ? await ofRelays(at, tree, domain) : [])];
  } catch (error) {
    if (!(error instanceof NoSpf)) throw error;
    const { kind, message } = error;
    if (kind === 'unknown')
      return [find.unknown(message, 'Try again where the DNS answers, or set DNS_SERVERS.')];
    if (kind === 'none' && error.domain === domain && !isEnvelope)
      return [
        find.warning(
          message,
          `Publish a TXT record at ${domain}, so that nobody else sends as it: "v=spf1 -all"`,
        ),
      ];
    const todo = {
      none:
        error.domain === domain
          ? `Publish a TXT record at ${domain}: ${EXAMPLE}`
          : `Take "${error.domain}" out of the record`,
      several: 'Put them into one record: several are as good as none (RFC 7208 §4.5).',
      wrong: 'Correct it: a record that cannot be read fails for all mail (permerror).',
    }[kind];
    return [find.failure(message, todo)];
  }
}

function ofRecord(tree: SpfTree, domain: string): Finding {
  const find = findingsOf('spf', domain);
  const lookups = spfLookups(tree);
  const rest = spfRest(tree);
  if (lookups > SPF_MOST_LOOKUPS)
    return find.failure(
      `The record costs ${lookups} DNS lookups; more than ${SPF_MOST_LOOKUPS} fail (RFC 7208 §4.6.4)`,
      'Remove includes that no longer send for you, or put their ip4: and ip6: networks in their place.',
    );
  if (rest === 'pass')
    return find.failure(
      'The record ends in +all: everybody may send in your name',
      'End it with -all or ~all.',
    );
  if (rest === null || rest === 'neutral')
    return find.warning('The record does not say what it thinks of all others', 'End it with -all or ~all.');
  return find.ok(
    `One record, ${lookups} of ${SPF_MOST_LOOKUPS} lookups, ends in ${rest === 'fail' ? '-all' : '~all'}`,
  );
}

/** A relay that many share sends from other addresses than it listens on: then only its operator can say which include is theirs. */
async function ofRelays(
  { dns, relays, config }: Surroundings,
  tree: SpfTree,
  domain: string,
): Promise<Finding[]> {
  const findings = await Promise.all(
    relays.map(async (relay): Promise<Finding[]> => {
      const { host } = settingsOf(relay, config);
      const find = findingsOf('spf', domain);
      const addresses = await publicAddresses(dns, host);
      if (addresses.length === 0)
        return [
          find.unknown(
            `Whether the record allows the relay "${relay.name}" cannot be told: ${host} has no public address that is known here`,
            `Make sure that the address which the world sees is in the record of ${domain}.`,
          ),
        ];
      const refused = addresses.filter((address) => spfVerdict(tree, address) !== 'pass');
      if (refused.length === 0)
        return [find.ok(`The record allows the relay "${relay.name}" (${addresses.join(', ')})`)];
      return [
        find.warning(
          `The record does not name the relay "${relay.name}" (${refused.join(', ')})`,
          'Add the include: that its operator asks for; where that is there and it sends from other addresses than it listens on, all is well.',
        ),
      ];
    }),
  );
  return findings.flat();
}
