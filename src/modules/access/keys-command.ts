import { parseArgs } from 'node:util';
import type { Database } from '../../platform/database/index.js';
import { ApiError, detailsOf, scopes as allScopes } from '../../platform/http/index.js';
import { newKeyBody } from './access.schemas.js';
import type { ApiKeys } from './api-keys.service.js';
import { keysTable } from './keys-table.js';

const usage = `Usage:
  postrider key create --name NAME [--scopes a,b] [--senders a,b] [--rate 20/second] [--allow-ip 203.0.113.0/24,…] [--expires 90d]
  postrider key list
  postrider key revoke ID-OR-PREFIX
  postrider key rotate PURPOSE

Scopes: ${allScopes.join(', ')} (all of them when left out).
--senders: slugs of the senders that it may send as; all when left out.
--rate: so many requests a second or a minute, such as 20/second or 600/minute.
--allow-ip: addresses and networks that it may be used from, IPv4 or IPv6, with commas between.
--expires: so many hours, days or weeks from now (12h, 90d, 8w), or a date such as 2027-01-31.`;

/** The command cannot be carried out as it was typed; the message says what is wrong with it. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * `postrider key …`.
 * @param argv what follows `key` on the command line
 * @returns the text to print
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function keysCommand(keys: ApiKeys, db: Database, argv: readonly string[]): Promise<string> {
  const [action, ...rest] = argv;
  try {
    if (action === 'create') return await create(keys, db, rest);
    if (action === 'list') return await list(keys, rest);
    if (action === 'revoke') return await revoke(keys, db, rest);
  } catch (error) {
    if (error instanceof ApiError)
      throw new UsageError(error.details.map(inOptions).join('; ') || error.message);
    throw error;
  }
  throw wrong(action === undefined ? 'say what to do with API keys' : `there is no "key ${action}"`);
}

const createOptions = {
  name: { type: 'string' },
  scopes: { type: 'string' },
  senders: { type: 'string' },
  rate: { type: 'string' },
  'allow-ip': { type: 'string' },
  expires: { type: 'string' },
} as const;

/** The option behind each field of a new key. */
const optionOf: Readonly<Record<string, string>> = { allowIps: '--allow-ip', expiresAt: '--expires' };

async function create(keys: ApiKeys, db: Database, argv: string[]): Promise<string> {
  const options = parse(argv, createOptions, 0).values as Partial<Record<keyof typeof createOptions, string>>;
  const { name, scopes, senders, rate, 'allow-ip': allowIp, expires } = options;
  if (name === undefined || name.trim() === '') throw wrong('--name is missing: say who will use the key');
  const asked = newKeyBody.safeParse({
    name,
    scopes: scopes === undefined ? allScopes : partsOf(scopes),
    ...(senders !== undefined && { senders: partsOf(senders) }),
    ...(rate !== undefined && { rate: rateOf(rate) }),
    ...(allowIp !== undefined && { allowIps: partsOf(allowIp) }),
    ...(expires !== undefined && { expiresAt: timeOf(expires).toISOString() }),
  });
  if (!asked.success) throw wrong(detailsOf(asked.error.issues).map(inOptions).join('; '));
  const { key, secret } = await db.work((work) => keys.create(work, asked.data, 'command line'));
  return `${secret}\n\nKey ${key.id}. The secret is shown this once; keep it where only "${key.name}" finds it.`;
}

function inOptions({ field = '', message }: { field?: string; message: string }): string {
  const [name = ''] = field.split('.');
  return `${optionOf[name] ?? `--${name}`}: ${message}`;
}

function partsOf(value: string): string[] {
  return value.split(',').map((part) => part.trim());
}

function rateOf(value: string): { requests: number; per: string } {
  const [, requests = '', unit = ''] = /^(\d{1,9})\/(s|sec|second|m|min|minute)$/.exec(value) ?? [];
  if (unit === '') throw wrong(`--rate ${value} is not as 20/second or 600/minute`);
  return { requests: Number(requests), per: unit.startsWith('s') ? 'second' : 'minute' };
}

async function list(keys: ApiKeys, argv: string[]): Promise<string> {
  parse(argv, {}, 0);
  const all = await keys.all();
  return all.length === 0
    ? 'There are no API keys. Make one: postrider key create --name NAME'
    : keysTable(all);
}

async function revoke(keys: ApiKeys, db: Database, argv: string[]): Promise<string> {
  const { positionals } = parse(argv, {}, 1);
  const [id] = positionals;
  if (id === undefined) throw wrong('say which key: its id or its prefix');
  const { id: keyId } = await keys.named(id);
  const key = await db.work((work) => keys.revoke(work, keyId, 'command line', true));
  const done = `Revoked ${key.prefix}… (${key.name}). Running processes refuse it within seconds.`;
  const wasLast = key.scopes.includes('keys') && !(await keys.othersManage(db, keyId));
  return wasLast ? `${done}\nNo key is left that manages keys: new ones are made here only.` : done;
}

function parse(argv: string[], options: Record<string, { type: 'string' }>, positionals: number) {
  try {
    const parsed = parseArgs({ args: argv, options, allowPositionals: positionals > 0, strict: true });
    if (parsed.positionals.length > positionals)
      throw new Error(`"${parsed.positionals[positionals]}" is too much`);
    return parsed;
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function wrong(problem: string): UsageError {
  return new UsageError(`postrider key: ${problem}\n\n${usage}`);
}

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

function timeOf(value: string): Date {
  const [, amount, unit] = /^(\d{1,4})([hdw])$/.exec(value) ?? [];
  if (amount !== undefined && unit !== undefined)
    return new Date(Date.now() + Number(amount) * HOURS[unit]! * 3_600_000);
  const date = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(value) ? new Date(value) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()))
    throw wrong(`--expires ${value} is neither 12h, 90d or 8w nor a date`);
  return date;
}
