import { ConfigError, type Config } from '../platform/config/index.js';
import { queueNames, type QueueName } from '../platform/queue/index.js';
import type { DatabaseHandle } from './embedded-database.js';
import { inboxRelay } from './inbox-port.js';
import { drain } from './lifetime.js';
import { migrateDatabase } from './migrate.js';
import { UsageError } from './usage-error.js';
import { startWorker } from './worker.js';

/** A worker until it is asked to stop. @param args the queues that it serves; none means all */
export async function runWorker(
  config: Config,
  { url }: DatabaseHandle,
  asked: Promise<void>,
  args: string[],
): Promise<void> {
  const unknown = args.find((arg) => !queueNames.includes(arg as QueueName));
  if (unknown !== undefined)
    throw new UsageError(`There is no queue "${unknown}"; there are ${queueNames.join(', ')}`);
  const serves = args.length === 0 ? queueNames : servedBy(args as QueueName[]);
  const relayUrl = config.env.SMTP_URL ?? inboxRelay() ?? noRelay();
  await migrateDatabase(config, url, () => undefined);
  const worker = await startWorker(
    { config, databaseUrl: url, name: `worker ${serves.join(' ')} ${process.pid}` },
    serves,
    relayUrl,
  );
  process.send?.({});
  await asked;
  await drain(() => worker.close());
}

/** Sign-ups come with `service`, whose mail they make: an install that was set up before there were any serves them too. */
function servedBy(asked: readonly QueueName[]): QueueName[] {
  return [...new Set([...asked, ...(asked.includes('service') ? (['signUps'] as const) : [])])];
}

function noRelay(): never {
  throw new ConfigError(
    'SMTP_URL: a worker on its own needs a relay; the built-in inbox belongs to `postrider start`',
  );
}
