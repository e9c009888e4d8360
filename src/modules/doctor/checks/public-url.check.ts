import { randomBytes } from 'node:crypto';
import type { KeyRing } from '../../../platform/crypto/index.js';
import { findingsOf, type Finding } from '../finding.js';
import { installProof } from '../install-proof.js';
import type { Check } from '../surroundings.js';

const PATIENCE_MS = 6_000;
/** HTTP dates have no fractions, and the answer was on its way. */
const CLOCK_MS = 5_000;

/** PUBLIC_URL: whether it is https, answers, leads to this install, and what time it is there. */
export const publicUrlCheck =
  (keys: Pick<KeyRing, 'hash'>): Check =>
  async ({ config }) => {
    const { publicUrl, newsAllowed, publicUrlIsLoopback } = config;
    const find = findingsOf('public-url', publicUrl);
    const findings: Finding[] = [];
    if (!newsAllowed)
      findings.push(
        find.failure(
          'It is not https: no news leaves (RFC 8058)',
          'Put a proxy with a certificate in front and set PUBLIC_URL to its https address.',
        ),
      );
    else if (publicUrlIsLoopback)
      findings.push(
        find.warning(
          'It is on this machine only: no link in a mail works elsewhere',
          'Set PUBLIC_URL to the address that visitors use.',
        ),
      );
    const nonce = randomBytes(24).toString('base64url');
    try {
      const began = Date.now();
      const response = await fetch(`${publicUrl}/health/install/${nonce}`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = (await response.text()).slice(0, 1_000);
      findings.push(
        text.includes(installProof(keys, nonce))
          ? find.ok('It answers, and it is this install')
          : find.failure(
              `Something else answers there (status ${response.status})`,
              'Let the proxy pass everything to the API of this install, and start it: postrider api.',
            ),
      );
      findings.push(...clockOf(response.headers.get('date'), began));
    } catch (error) {
      const { name, message, cause } = error as Error;
      const why = causeOf(cause) || message;
      findings.push(
        name === 'TimeoutError'
          ? find.unknown(
              'It does not answer from here in time',
              'Ask it from a machine elsewhere with the command below.',
            )
          : find.failure(
              `It cannot be reached from here: ${why}`,
              'Start the API, and check name, certificate and proxy.',
            ),
      );
    }
    return findings;
  };

/** `fetch` says why in the error behind its own, and of a name with several addresses only a code. */
function causeOf(cause: unknown): string {
  const { message, code } = (cause ?? {}) as { message?: string; code?: string };
  return message || code || '';
}

function clockOf(date: string | null, began: number): Finding[] {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return [];
  const find = findingsOf('clock', 'PUBLIC_URL');
  // The whole second in which it was written, at some moment between question and answer.
  const early = began - (there + 1_000);
  const late = there - Date.now();
  const off = Math.max(early, late, 0);
  if (off <= CLOCK_MS) return [find.ok('The clock here and there agree to the second')];
  return [
    find.warning(
      `The clock there is ${Math.round(off / 1_000)} s ${late > 0 ? 'ahead' : 'behind'}`,
      'Let both machines keep their time with NTP.',
    ),
  ];
}
