import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { AccessModule, ApiKeys, keysCommand } from '../modules/access/index.js';
import {
  ConfigError,
  ConfigModule,
  configurationPage,
  loadConfig,
  type Config,
} from '../platform/config/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import { queueNames, type QueueName } from '../platform/queue/index.js';
import { createApi, startApi } from './api.js';
import { openDatabase, type DatabaseHandle } from './embedded-database.js';
import { drain, stopRequest } from './lifetime.js';
import { migrateDatabase } from './migrate.js';
import { openApiDocument } from './openapi.js';
import { start } from './start.js';
import { startWorker } from './worker.js';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Command {
  readonly usage: string;
  readonly about: string;
  run(args: string[]): Promise<void>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const commands: Record<string, Command> = {
  start: {
    usage: 'start',
    about: 'everything on this machine: database, API, workers',
    run: () => start(loadConfig()),
  },
  api: {
    usage: 'api',
    about: 'the HTTP API and the public pages',
    run: () => withDatabase(runApi),
  },
  worker: {
    usage: 'worker [QUEUE…]',
    about: `works on queues (${queueNames.join(', ')}; all when none is named)`,
    run: (args) => withDatabase((config, database) => runWorker(config, database, args)),
  },
  migrate: {
    usage: 'migrate',
    about: 'brings the database to this version',
    run: () =>
      withDatabase(async (config, { url }) => {
        await migrateDatabase(config, url, say);
        say('The database is up to date.');
      }),
  },
  key: {
    usage: 'key create --name NAME [--scopes a,b] [--expires 90d] | key list | key revoke ID',
    about: 'API keys; a secret is shown once',
    run: (args) => withDatabase((config, database) => runKey(config, database, args)),
  },
  openapi: {
    usage: 'openapi [FILE]',
    about: 'prints the OpenAPI document of this version, or writes it',
    run: ([file]) => withDatabase((config, database) => writeOpenApi(config, database, file)),
  },
  configuration: {
    usage: 'configuration [FILE]',
    about: 'prints every environment variable as a Markdown table, or writes it',
    run: async ([file]) => output(`${configurationPage()}\n`, file),
  },
};

/** Runs one command to its end. @throws UsageError for an unknown one, ConfigError for a bad environment */
export async function runCommand([name = 'help', ...args]: string[]): Promise<void> {
  const command = commands[name];
  if (command) return command.run(args);
  if (name !== 'help' && name !== '--help')
    throw new UsageError(`There is no command "${name}".\n\n${help()}`);
  say(help());
}

function help(): string {
  const lines = Object.values(commands).map(({ usage, about }) => `  postrider ${usage}\n      ${about}`);
  return `Usage:\n${lines.join('\n')}`;
}

async function withDatabase(run: (config: Config, database: DatabaseHandle) => Promise<void>): Promise<void> {
  const config = loadConfig();
  const database = await openDatabase(config, (line) => process.stderr.write(`${line}\n`));
  try {
    await run(config, database);
  } finally {
    await database.stop();
  }
}

async function runApi(config: Config, { url }: DatabaseHandle): Promise<void> {
  const asked = stopRequest();
  await migrateDatabase(config, url, () => undefined);
  const api = await startApi({ config, databaseUrl: url, name: 'api' }, inboxPort());
  process.send?.({ url: api.url });
  await asked;
  await drain(() => api.close());
}

async function runWorker(config: Config, { url }: DatabaseHandle, args: string[]): Promise<void> {
  const asked = stopRequest();
  const unknown = args.find((arg) => !queueNames.includes(arg as QueueName));
  if (unknown !== undefined)
    throw new UsageError(`There is no queue "${unknown}"; there are ${queueNames.join(', ')}`);
  const serves = args.length === 0 ? queueNames : (args as QueueName[]);
  const relayUrl = config.env.SMTP_URL ?? inboxRelay();
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

/** `start` tells its processes where its inbox is. */
function inboxPort(): number | undefined {
  const port = process.env['POSTRIDER_INBOX_PORT'];
  return port === undefined ? undefined : Number(port);
}

function inboxRelay(): string {
  const port = inboxPort();
  if (port !== undefined) return `smtp://127.0.0.1:${port}?tls=off`;
  throw new ConfigError(
    'SMTP_URL: a worker on its own needs a relay; the built-in inbox belongs to `postrider start`',
  );
}

async function runKey(config: Config, { url }: DatabaseHandle, args: string[]): Promise<void> {
  await migrateDatabase(config, url, () => undefined);
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot({ url, max: 2, name: 'postrider key' }),
    AccessModule,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class KeyCommand {}, imports },
    { logger: ['error'] },
  );
  try {
    say(await keysCommand(app.get(ApiKeys), args));
  } finally {
    await app.close();
  }
}

async function writeOpenApi(
  config: Config,
  { url }: DatabaseHandle,
  file: string | undefined,
): Promise<void> {
  await migrateDatabase(config, url, () => undefined);
  const app = await createApi({ config, databaseUrl: url, name: 'openapi' });
  const json = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
  await app.close();
  await output(json, file);
}

async function output(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) process.stdout.write(text);
  else await writeFile(file, text);
}
