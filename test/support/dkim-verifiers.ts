import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import mailauth from 'mailauth/lib/dkim/verify.js';
import { dnsRecord } from '../../src/modules/delivery/dkim/dkim-key.js';
import type { DkimSigner } from '../../src/modules/delivery/dkim/sign-dkim.js';

export interface DkimVerifier {
  /** Whether each DKIM-Signature of a mail holds, from the first to the last. */
  verify(raw: Buffer, signers: readonly DkimSigner[]): Promise<boolean[]>;
  close(): void;
}

/** Where the verifiers look up the public keys instead of DNS. */
function zone(signers: readonly DkimSigner[]): Map<string, string> {
  return new Map(
    signers.map((signer) => {
      const { name, strings } = dnsRecord(signer);
      return [name, strings.join('')];
    }),
  );
}

/** By mailauth, which then takes nothing that the RFCs do not allow. */
export function mailauthVerifier(): DkimVerifier {
  return {
    verify: async (raw, signers) => {
      const records = zone(signers);
      const resolver = async (name: string) => {
        const text = records.get(name);
        if (text === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
        return [[text]];
      };
      const { results } = await mailauth.dkimVerify(raw, { resolver, strict: true, minBitLength: 2048 });
      return results.map(({ status }) => status.result === 'pass');
    },
    close: () => undefined,
  };
}

/** One line of JSON for each mail, one back. */
const SCRIPT = `
import base64, dkim, json, sys
for line in sys.stdin:
    raw, records = json.loads(line)
    lookup = lambda name, timeout=5: records.get((name if isinstance(name, str) else name.decode()).rstrip('.'), '').encode() or None
    verifier = dkim.DKIM(base64.b64decode(raw))
    def holds(index):
        try: return verifier.verify(index, dnsfunc=lookup)
        except dkim.DKIMException: return False
    count = sum(1 for name, value in verifier.headers if name.lower() == b'dkim-signature')
    print(json.dumps([holds(index) for index in range(count)]), flush=True)
`;

/** Said where a test of dkimpy is skipped. */
export const NO_DKIMPY = 'dkimpy is not installed (Debian: python3-dkim)';

/** By dkimpy of the distribution, one mail after the other; undefined where it is not installed. Its process lives until `close`. */
export function dkimpyVerifier(): DkimVerifier | undefined {
  const python = ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', 'import dkim, nacl.signing']).status === 0,
  );
  if (python === undefined) return undefined;
  const child = spawn(python, ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    verify: async (raw, signers) => {
      const records = Object.fromEntries(zone(signers));
      child.stdin.write(`${JSON.stringify([raw.toString('base64'), records])}\n`);
      const { value } = await answers.next();
      return JSON.parse(value ?? '') as boolean[];
    },
    close: () => child.stdin.end(),
  };
}
