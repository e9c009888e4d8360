import { parseArgs } from 'node:util';
import { ApiError, scopes as allScopes } from '../../platform/http/index.js';
import type { ApiKey, ApiKeys } from './api-keys.service.js';

const usage = `Usage:
  postrider key create --name NAME [--scopes a,b] [--expires 90d]
  postrider key list
  postrider key revoke ID-OR-PREFIX
  postrider key rotate PURPOSE

Scopes: ${allScopes.join(', ')} (all of them when left out).
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
export async function keysCommand(keys: ApiKeys, argv: readonly string[]): Promise<string> {
  const [action, ...rest] = argv;
  try {
    if (action === 'create') return await create(keys, rest);
    if (action === 'list') return await list(keys, rest);
    if (action === 'revoke') return await revoke(keys, rest);
  } catch (error) {
    if (error instanceof ApiError) throw new UsageError(error.message);
    throw error;
  }
  throw wrong(action === undefined ? 'say what to do with API keys' : `there is no "key ${action}"`);
}

async function create(keys: ApiKeys, argv: string[]): Promise<string> {
  const { values } = parse(
    argv,
    { name: { type: 'string' }, scopes: { type: 'string' }, expires: { type: 'string' } },
    0,
  );
  const { name, scopes, expires } = values as { name?: string; scopes?: string; expires?: string };
  if (name === undefined || name.trim() === '') throw wrong('--name is missing: say who will use the key');
  const wanted = scopes === undefined ? allScopes : scopes.split(',').map((scope) => scope.trim());
  const { id, secret } = await keys.create(
    name.trim(),
    wanted,
    expires === undefined ? null : timeOf(expires),
  );
  return `${secret}\n\nKey ${id}. The secret is shown this once; keep it where only "${name.trim()}" finds it.`;
}

async function list(keys: ApiKeys, argv: string[]): Promise<string> {
  parse(argv, {}, 0);
  const all = await keys.list();
  if (all.length === 0) return 'There are no API keys. Make one: postrider key create --name NAME';
  return table([['ID', 'PREFIX', 'NAME', 'STATE', 'LAST USED', 'SCOPES'], ...all.map(rowOf)]);
}

async function revoke(keys: ApiKeys, argv: string[]): Promise<string> {
  const { positionals } = parse(argv, {}, 1);
  const [id] = positionals;
  if (id === undefined) throw wrong('say which key: its id or its prefix');
  const key = await keys.revoke(id);
  return `Revoked ${key.prefix}… (${key.name}). Running processes refuse it within seconds.`;
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

function rowOf(key: ApiKey): string[] {
  return [
    key.id,
    key.prefix,
    key.name,
    stateOf(key),
    key.lastUsedAt?.toISOString() ?? 'never',
    key.scopes.join(','),
  ];
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  if (expiresAt === null) return 'active';
  return expiresAt.getTime() <= Date.now() ? `expired ${day(expiresAt)}` : `until ${day(expiresAt)}`;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
