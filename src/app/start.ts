import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Config } from '../platform/config/index.js';
import { listenError } from './listen-error.js';
import { welcome } from './banner.js';
import { keepDatabase } from './embedded-database.js';
import { drain, stopRequest } from './lifetime.js';
import { migrateDatabase } from './migrate.js';
import { SupervisedProcess } from './supervised-process.js';

/** The workers' drain, then the API and the database: an operator waits at most 15 s. */
const STOP_MS = 14_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Everything on one machine: the database, the API with its inbox, a worker for order and service mail, workers for news.
 * Each is a process of its own, so that order mail never waits behind news and a crash takes only one of them.
 */
export async function start(config: Config): Promise<void> {
  const { HOST, PORT, SMTP_URL, WORKER_PROCESSES } = config.env;
  const asked = stopRequest();
  await assertFree(HOST, PORT);
  const database = await keepDatabase(config, say);
  const inboxPort = SMTP_URL === undefined ? await freePort() : undefined;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: database.url,
    // Set in .env it would stand beside the URL that was read from it.
    DATABASE_URL_FILE: '',
    POSTRIDER_SUPERVISED: '1',
    ...(inboxPort !== undefined && { POSTRIDER_INBOX_PORT: String(inboxPort) }),
  };
  const api = new SupervisedProcess(['api'], environment, say);
  const workers = [
    new SupervisedProcess(['worker', 'orders', 'service', 'signUps', 'links'], environment, say),
    ...Array.from(
      { length: WORKER_PROCESSES },
      () =>
        new SupervisedProcess(
          ['worker', 'news', 'campaigns', 'notices', 'inbound', 'mailEvents', 'webhooks', 'imports'],
          environment,
          say,
        ),
    ),
  ];
  const close = async (): Promise<void> => {
    for (const child of [api, ...workers]) child.expectEnd();
    // Workers first: the mail in their hands may be on its way to the inbox, which the API keeps.
    await Promise.all(workers.map((worker) => worker.stop()));
    await api.stop();
    await database.stop();
  };
  try {
    await migrateDatabase(config, database.url, say);
    const started = Promise.all([api.start(), ...workers.map((worker) => worker.start())]);
    const ready = await Promise.race([started, asked]);
    if (ready) {
      const url = ready[0].url ?? config.publicUrl;
      say(welcome(config, url));
      process.send?.({ url });
    }
  } catch (error) {
    await close();
    throw error;
  }
  await asked;
  say('Postrider is stopping: finishing what is in hand.');
  await drain(close, STOP_MS);
}

/** Said before the database is started: the likeliest mistake costs no wait. */
async function assertFree(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, host, port);
  }
  server.close();
  await once(server, 'close');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
