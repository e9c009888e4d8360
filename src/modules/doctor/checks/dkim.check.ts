import { readDkimRecord } from '../../../domain/index.js';
import type { DkimKey, DkimKeys } from '../../delivery/index.js';
import type { Dns } from '../dns.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check, Surroundings } from '../surroundings.js';

type KeyState = 'matches' | 'absent' | 'other' | 'revoked' | 'wrong' | 'unknown';

interface CheckedKey {
  readonly key: DkimKey;
  readonly state: KeyState;
  readonly is: string;
}

/** DKIM (RFC 6376, RFC 8463): whether DNS shows the keys that mail is signed with. */
export const dkimCheck =
  (keys: DkimKeys): Check =>
  async (at) => {
    const findings = await Promise.all(at.domains.map(async (domain) => ofDomain(at, keys, domain)));
    return findings.flat();
  };

async function ofDomain(at: Surroundings, keys: DkimKeys, domain: string): Promise<Finding[]> {
  const find = findingsOf('dkim', domain);
  const active = (await keys.list(domain)).filter(({ retiredAt }) => retiredAt === null);
  if (active.length === 0) {
    const ours = at.relays.filter(({ signing }) => signing === 'ours').map(({ name }) => name);
    return [
      ours.length > 0 || at.relays.length === 0
        ? find.failure(
            'There is no key: mail leaves without a signature, and Gmail and Yahoo refuse it',
            `postrider dkim create ${domain}; or, where the relay signs with this domain, set "signing": "relay" on ${ours.join(', ') || 'it'}.`,
          )
        : find.unknown(
            'The relay signs, with a key that is not known here',
            `Look at a mail that arrived: its DKIM-Signature must say d=${domain}.`,
          ),
    ];
  }
  const checked = await Promise.all(active.map(async (key) => check(at.dns, key)));
  return checked.map((one) => judge(one, checked));
}

async function check(dns: Dns, key: DkimKey): Promise<CheckedKey> {
  const { name = '', strings = [] } = key.record ?? {};
  const answer = await dns.txt(name);
  if (answer.kind === 'unknown') return { key, state: 'unknown', is: answer.why };
  if (answer.kind === 'none') return { key, state: 'absent', is: `there is no TXT record at ${name}` };
  const ours = readDkimRecord(strings.join(''));
  const found = answer.records.map(readDkimRecord);
  if (answer.records.length > 1)
    return { key, state: 'wrong', is: `there are ${answer.records.length} TXT records at ${name}` };
  const [record] = found;
  if (record?.kind === 'revoked')
    return { key, state: 'revoked', is: `the record at ${name} has an empty key` };
  if (record?.kind !== 'key' || ours.kind !== 'key')
    return {
      key,
      state: 'wrong',
      is: `the record at ${name} cannot be read: ${record?.kind === 'invalid' ? record.problem : ''}`,
    };
  if (record.keyType !== ours.keyType || record.publicKey !== ours.publicKey)
    return { key, state: 'other', is: `the record at ${name} shows another key than mail is signed with` };
  return { key, state: 'matches', is: record.testing ? ' (its t=y says that it is a test)' : '' };
}

function judge({ key, state, is }: CheckedKey, all: readonly CheckedKey[]): Finding {
  const find = findingsOf('dkim', key.domain);
  const what = `${key.algorithm === 'rsa-sha256' ? 'RSA' : 'Ed25519'} key ${key.selector}`;
  if (state === 'matches') return find.ok(`${what}: DNS shows it${is}`);
  if (state === 'unknown')
    return find.unknown(`${what}: ${is}`, 'Try again where the DNS answers, or set DNS_SERVERS.');
  const todo = `Publish what "postrider dkim list ${key.domain}" prints for ${key.selector}, in one record.`;
  // Until DNS shows a new key, the one before it signs.
  const replaced = all.some((other) => other.key.algorithm === key.algorithm && other.state === 'matches');
  if (replaced)
    return find.warning(
      `${what} does not sign: ${is}`,
      `${todo} Or retire it: postrider dkim retire ${key.selector}`,
    );
  // A receiver that finds one good signature is content; many know no Ed25519.
  const otherPasses = all.some((other) => other.state === 'matches');
  return otherPasses && key.algorithm === 'ed25519-sha256'
    ? find.warning(`${what}: ${is}; the RSA signature still passes`, todo)
    : find.failure(`${what}: ${is}; its signatures fail`, todo);
}
