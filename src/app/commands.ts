import { writeFile } from 'node:fs/promises';
import { loadConfig, type Config } from '../platform/config/index.js';
import { openDatabase, type DatabaseHandle } from './embedded-database.js';
import { stopRequest } from './lifetime.js';
import { migrateDatabase } from './migrate.js';
import { UsageError } from './usage-error.js';

interface Command {
  readonly usage: string;
  readonly about: string;
  run(args: string[]): Promise<void>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What a command needs is loaded when it runs: `start`, which only watches over processes, loads no module of theirs. */
const commands: Record<string, Command> = {
  start: {
    usage: 'start',
    about: 'everything on this machine: database, API, workers',
    run: async () => (await import('./start.js')).start(loadConfig()),
  },
  api: {
    usage: 'api',
    about: 'the HTTP API and the public pages',
    run: async () => {
      const asked = stopRequest();
      const { runApi } = await import('./run-api.js');
      await withDatabase((config, database) => runApi(config, database, asked));
    },
  },
  worker: {
    usage: 'worker [QUEUE…]',
    about:
      'works on queues: orders, service, news, campaigns, inbound, mailEvents, webhooks; on all when none is named',
    run: async (args) => {
      const asked = stopRequest();
      const { runWorker } = await import('./run-worker.js');
      await withDatabase((config, database) => runWorker(config, database, asked, args));
    },
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
    usage:
      'key create --name NAME [--scopes a,b] [--senders a,b] [--rate 20/second] [--allow-ip NETWORK] [--expires 90d] | key list | key revoke ID | key rotate PURPOSE',
    about: 'API keys, whose secret is shown once; a new key for tokens, contents …',
    run: async (args) => {
      const { runKey } = await import('./run-key.js');
      await withDatabase(async (config, database) => say(await runKey(config, database, args)));
    },
  },
  inbound: {
    usage: 'inbound list [--failed] | inbound replay ID | inbound replay --failed',
    about: 'mail that was received, and handling it again',
    run: async (args) => {
      const { runInbound } = await import('./run-inbound.js');
      await withDatabase(async (config, database) => say(await runInbound(config, database, args)));
    },
  },
  'mail-events': {
    usage: 'mail-events list [--failed] | mail-events replay ID | mail-events replay --failed',
    about: 'webhooks of mail providers, and reading them again',
    run: async (args) => {
      const { runMailEvents } = await import('./run-mail-events.js');
      await withDatabase(async (config, database) => say(await runMailEvents(config, database, args)));
    },
  },
  dkim: {
    usage: 'dkim create DOMAIN | dkim list [DOMAIN] | dkim retire SELECTOR',
    about: 'the keys that sign mail from a domain, and their DNS records',
    run: async (args) => {
      const { runDkim } = await import('./run-dkim.js');
      await withDatabase(async (config, database) => say(await runDkim(config, database, args)));
    },
  },
  doctor: {
    usage: 'doctor [--json] [DOMAIN…]',
    about: 'looks at all that mail needs: DNS, relays, certificates, clocks, queue, disk; says what to do',
    run: async (args) => {
      const { runDoctor } = await import('./run-doctor.js');
      await withDatabase(async (config, database) => {
        process.exitCode = await runDoctor(config, database, args, say);
      });
    },
  },
  import: {
    usage:
      'import FILE.csv --list SLUG --consent-text TEXT --consent-source WHO [--consent-confirmed --consent-date DAY] [--dry-run]',
    about: 'people who agreed elsewhere; docs/import.md has the other options',
    run: async (args) => {
      const { runImport } = await import('./run-import.js');
      await withDatabase(async (config, database) => {
        process.exitCode = await runImport(config, database, args, say);
      });
    },
  },
  export: {
    usage: 'export [--list SLUG] [--status confirmed|pending|unsubscribed] [FILE.csv]',
    about: 'subscribers as CSV, one row a subscription',
    run: async (args) => {
      const { runExport } = await import('./run-import.js');
      await withDatabase((config, database) => runExport(config, database, args));
    },
  },
  retention: {
    usage: 'retention [--dry-run]',
    about: 'lets go of what has had its time, as a worker does every hour; --dry-run only says what would go',
    run: async (args) => {
      const { runRetention } = await import('./run-retention.js');
      await withDatabase(async (config, database) => say(await runRetention(config, database, args)));
    },
  },
  consent: {
    usage: 'consent verify [--head SEAL:SIGNATURE] | consent export PERSON-ID-OR-ADDRESS [--html] [FILE]',
    about: 'checks the record of who agreed to what; writes the proof of one person',
    run: async (args) => {
      const { runConsent } = await import('./run-consent.js');
      await withDatabase(async (config, database) => {
        process.exitCode = await runConsent(config, database, args, say);
      });
    },
  },
  policy: {
    usage: 'policy publish FILE.md… --revised 2026-11-22 [--version NAME] [--locale de] | policy list',
    about: 'versions of the privacy policy; the newest is at /privacy and at every form',
    run: async (args) => {
      const { runPolicy } = await import('./run-consent.js');
      await withDatabase(async (config, database) => say(await runPolicy(config, database, args)));
    },
  },
  openapi: {
    usage: 'openapi [FILE]',
    about: 'prints the OpenAPI document of this version, or writes it',
    run: async ([file]) => {
      const { openApiJson } = await import('./openapi-json.js');
      await withDatabase(async (config, { url }) => output(await openApiJson(config, url), file));
    },
  },
  configuration: {
    usage: 'configuration [FILE]',
    about: 'prints every environment variable as a Markdown table, or writes it',
    run: async ([file]) => {
      const { configurationPage } = await import('../platform/config/index.js');
      await output(`${configurationPage()}\n`, file);
    },
  },
  'order-events': {
    usage: 'order-events [FILE]',
    about: 'prints every order event with its JSON as Markdown, or writes it',
    run: async ([file]) => {
      const { orderEventsPage } = await import('../modules/orders/index.js');
      await output(orderEventsPage(), file);
    },
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

async function output(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) process.stdout.write(text);
  else await writeFile(file, text);
}
