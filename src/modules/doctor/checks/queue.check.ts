import { queueNames } from '../../../platform/queue/index.js';
import type { DoctorRepository } from '../doctor.repository.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check } from '../surroundings.js';

const MINUTE_MS = 60_000;
const SLOW_MINUTES = 10;
const STUCK_MINUTES = 60;

/** Whether somebody works, and whether what is due leaves. */
export const queueCheck =
  (repository: DoctorRepository): Check =>
  async () => [
    ...(await workers(repository)),
    ...(await waiting(repository)),
    ...(await blasts(repository)),
    ...(await inbound(repository)),
    ...(await providers(repository)),
  ];

async function workers(repository: DoctorRepository): Promise<Finding[]> {
  const find = findingsOf('workers', null);
  const alive = (await repository.processes()).filter((name) => name.startsWith('worker '));
  if (alive.length === 0)
    return [
      find.failure(
        'No worker is alive: no mail leaves',
        'Start it: postrider start, or postrider worker on its own.',
      ),
    ];
  const served = new Set(alive.flatMap((name) => name.split(' ').slice(1)));
  const left = queueNames.filter((queue) => !served.has(queue));
  return [
    left.length > 0
      ? find.warning(
          `${alive.length} alive, but none serves ${left.join(', ')}`,
          `Start one: postrider worker ${left.join(' ')}`,
        )
      : find.ok(`${alive.length} alive, all queues are served`),
  ];
}

async function waiting(repository: DoctorRepository): Promise<Finding[]> {
  const rows = await repository.waitingMessages();
  if (rows.length === 0) return [findingsOf('queue', 'orders, service').ok('No single mail waits')];
  return rows.map(({ stream, since }) => {
    const find = findingsOf('queue', stream);
    const minutes = Math.floor((Date.now() - since.getTime()) / MINUTE_MS);
    const is = `The oldest mail that is due waits for ${minutes} min`;
    const todo = 'See workers and relays above; postrider writes why to its log.';
    if (minutes >= STUCK_MINUTES) return find.failure(is, todo);
    return minutes >= SLOW_MINUTES ? find.warning(is, todo) : find.ok(is);
  });
}

async function blasts(repository: DoctorRepository): Promise<Finding[]> {
  return (await repository.forgottenBlasts(SLOW_MINUTES)).map(({ name, since }) =>
    findingsOf('queue', 'news').failure(
      `"${name}" has mail that is due and got no turn for ${Math.floor((Date.now() - since.getTime()) / MINUTE_MS)} min`,
      'Start a worker for news; see relays and their limits.',
    ),
  );
}

async function inbound(repository: DoctorRepository): Promise<Finding[]> {
  const find = findingsOf('inbound', null);
  const failed = await repository.failedInboundMails();
  if (failed === 0) return [find.ok('No received mail failed')];
  return [
    find.warning(
      `${failed} received mails could not be handled`,
      'Look: postrider inbound list --failed; when the cause is gone: postrider inbound replay --failed',
    ),
  ];
}

async function providers(repository: DoctorRepository): Promise<Finding[]> {
  const failed = await repository.failedProviderRequests();
  if (failed === 0) return [];
  return [
    findingsOf('mail-events', null).warning(
      `${failed} webhooks of mail providers could not be handled: bounces and complaints in them are not heard`,
      'Look: postrider mail-events list --failed; when the cause is gone: postrider mail-events replay --failed',
    ),
  ];
}
