import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { parseAddress, type Address, type RetryHours } from '../../domain/index.js';
import { environmentSchema, secretNames, type Environment } from './schema.js';

/** A start with a bad value stops here; the message names the variable and never shows a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Mailbox {
  readonly name: string | null;
  readonly address: string;
}

/** The configuration of one process, complete and checked. */
export class Config {
  readonly dataDir: string;
  readonly publicUrl: string;
  readonly mailFrom: Mailbox;
  readonly postalAddress: string | null;

  constructor(readonly env: Environment) {
    this.dataDir = resolve(env.DATA_DIR);
    this.publicUrl = env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT}`;
    this.mailFrom = parseMailbox(env.MAIL_FROM ?? 'Postrider <hello@postrider.example>');
    this.postalAddress = env.POSTAL_ADDRESS?.replaceAll('\\n', '\n') ?? null;
  }

  /** Whether mail leaves this machine as far as SMTP_URL says: to the built-in inbox and to a relay on loopback it does not. */
  get mailLeaves(): boolean {
    return this.env.SMTP_URL !== undefined && !isLoopbackUrl(this.env.SMTP_URL);
  }

  get dnsServers(): string[] | undefined {
    return this.env.DNS_SERVERS?.split(',').map((part) => part.trim());
  }

  /** Whom to tell what went wrong; nobody where ALERT_EMAIL is unset. */
  get alertAddresses(): Address[] {
    const parsed = (this.env.ALERT_EMAIL?.split(',') ?? []).map((part) => parseAddress(part.trim()));
    const addresses = parsed.flatMap((one) => (one.ok ? [one.address] : []));
    return [...new Map(addresses.map((address) => [address.canonical, address])).values()];
  }

  /** For how many hours mail is tried again, for each stream. */
  get retryHours(): RetryHours {
    const { RETRY_HOURS_ORDERS, RETRY_HOURS_SERVICE, RETRY_HOURS_NEWS } = this.env;
    return { orders: RETRY_HOURS_ORDERS, service: RETRY_HOURS_SERVICE, news: RETRY_HOURS_NEWS };
  }

  /** RFC 8058 wants https; on loopback there is no one to protect and no certificate to have. */
  get newsAllowed(): boolean {
    return this.publicUrl.startsWith('https://') || this.publicUrlIsLoopback;
  }

  get publicUrlIsLoopback(): boolean {
    const host = new URL(this.publicUrl).hostname;
    return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
  }

  /** Fastify's `trustProxy`: a boolean, so many hops, or a list of addresses. */
  get trustProxy(): boolean | string[] | ((address: string, hop: number) => boolean) {
    const value = this.env.TRUST_PROXY.trim();
    if (value === 'false' || value === '') return false;
    if (value === 'true') return true;
    return /^\d+$/.test(value)
      ? (_, hop) => hop < Number(value)
      : value.split(',').map((part) => part.trim());
  }
}

/**
 * Reads the environment, `.env` in the working directory (which does not override), and NAME_FILE secrets.
 * @throws {ConfigError} naming every variable that is wrong
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env, dotenv = '.env'): Config {
  const merged = withSecretFiles({ ...readDotenv(dotenv), ...environment });
  const blank = Object.entries(merged).filter(([, value]) => value !== '');
  const parsed = environmentSchema.safeParse(Object.fromEntries(blank));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Postrider cannot start with this configuration.\n  ${lines.join('\n  ')}`);
  }
  const { SMTP_URL, MAIL_FROM } = parsed.data;
  if (SMTP_URL !== undefined && MAIL_FROM === undefined && !isLoopbackUrl(SMTP_URL)) {
    throw new ConfigError('MAIL_FROM: is needed with SMTP_URL, such as MAIL_FROM="Shop <news@example.com>"');
  }
  assertInbound(parsed.data);
  assertSandbox(parsed.data);
  return new Config(parsed.data);
}

/** @throws ConfigError where a part of what receives mail is missing */
function assertInbound(env: Environment): void {
  const { INBOUND_SMTP_PORT, BOUNCE_DOMAIN, INBOUND_TLS_CERT, INBOUND_TLS_KEY } = env;
  if (INBOUND_SMTP_PORT !== undefined && BOUNCE_DOMAIN === undefined) {
    throw new ConfigError(
      'BOUNCE_DOMAIN: is needed with INBOUND_SMTP_PORT: the domain whose mail is received, such as bounces.example.com',
    );
  }
  if ((INBOUND_TLS_CERT === undefined) !== (INBOUND_TLS_KEY === undefined)) {
    const missing = INBOUND_TLS_CERT === undefined ? 'INBOUND_TLS_CERT' : 'INBOUND_TLS_KEY';
    throw new ConfigError(`${missing}: INBOUND_TLS_CERT and INBOUND_TLS_KEY are set together or not at all`);
  }
}

/** @throws ConfigError where mail to the shop itself would end in the sandbox */
function assertSandbox({ SANDBOX_DOMAIN, BOUNCE_DOMAIN, MAIL_FROM }: Environment): void {
  const sender = parseMailbox(MAIL_FROM ?? '')
    .address.split('@')[1]
    ?.toLowerCase();
  const taken = { BOUNCE_DOMAIN, MAIL_FROM: sender };
  for (const [name, domain] of Object.entries(taken)) {
    if (domain === SANDBOX_DOMAIN)
      throw new ConfigError(`SANDBOX_DOMAIN: mail to ${domain} would never leave, and ${name} uses it`);
  }
}

function readDotenv(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function withSecretFiles(environment: NodeJS.Dict<string>): NodeJS.Dict<string> {
  const result = { ...environment };
  for (const name of secretNames) {
    const file = environment[`${name}_FILE`];
    if (file === undefined || file === '') continue;
    if (environment[name]) throw new ConfigError(`${name}: set either ${name} or ${name}_FILE, not both`);
    try {
      result[name] = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      throw new ConfigError(`${name}_FILE: ${(error as Error).message}`);
    }
    // Taken for "unset" it would start on the embedded database, or make a new key.
    if (result[name] === '') throw new ConfigError(`${name}_FILE: ${file} is empty`);
  }
  return result;
}

function isLoopbackUrl(url: string): boolean {
  return /^smtps?:\/\/(?:[^@/]*@)?(?:127\.|localhost|\[::1\])/.test(url);
}

function parseMailbox(value: string): Mailbox {
  const match = /^(.*)<([^<>]+)>$/.exec(value);
  if (!match) return { name: null, address: value.trim() };
  const name = (match[1] ?? '').trim().replace(/^"(.*)"$/, '$1');
  return { name: name === '' ? null : name, address: (match[2] ?? '').trim() };
}
