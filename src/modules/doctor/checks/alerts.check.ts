import type { DoctorRepository } from '../doctor.repository.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check } from '../surroundings.js';

/** Two mails are a minute apart; what waits longer waits for something else. */
const LATE_MINUTES = 5;

/** Whether anybody gets word of an order mail that failed: ALERT_EMAIL, and what became of the last mail to it. */
export const alertsCheck =
  (repository: DoctorRepository): Check =>
  async ({ config, relays }) => {
    const addresses = config.alertAddresses;
    const find = findingsOf('alerts', null);
    if (addresses.length === 0) {
      const is = 'ALERT_EMAIL is not set: nobody gets a mail when an order mail fails for good';
      return [
        relays.length === 0 ? find.ok(is) : find.warning(is, 'Set it to an address that somebody reads.'),
      ];
    }
    const waiting = await repository.alertsThatWait(LATE_MINUTES);
    const found = await repository.alertAddresses(addresses.map(({ canonical }) => canonical));
    return [
      ...(waiting > 0
        ? [
            find.failure(
              `${waiting} waiting, because their mail cannot be made`,
              'The log of the workers says why.',
            ),
          ]
        : []),
      ...addresses.map(({ typed, canonical }) => ofAddress(typed, found.get(canonical))),
    ];
  };

function ofAddress(
  typed: string,
  found: { suppressed: string | null; failed: string | null } | undefined,
): Finding {
  const find = findingsOf('alerts', typed);
  if (found?.suppressed)
    return find.failure(
      `The address is suppressed (${found.suppressed}): no alert reaches it`,
      'Mend its mailbox and release it: POST /v1/suppressions/:id/release; or take another address.',
    );
  if (found?.failed)
    return find.failure(
      `The last alert did not arrive: ${found.failed}`,
      'Mend its mailbox, or take another address.',
    );
  return find.ok('Alerts go there');
}
