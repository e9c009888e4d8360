import { rateInWords } from '../../domain/index.js';
import type { ApiKey } from './access.types.js';

/** Keys as a terminal shows them, a line each. */
export function keysTable(keys: readonly ApiKey[]): string {
  return table([['ID', 'PREFIX', 'NAME', 'STATE', 'LAST USED', 'SCOPES', 'LIMITS'], ...keys.map(rowOf)]);
}

function rowOf(key: ApiKey): string[] {
  return [
    key.id,
    key.prefix,
    key.name,
    stateOf(key),
    key.lastUsedAt?.toISOString() ?? 'never',
    key.scopes.join(','),
    limitsOf(key),
  ];
}

function limitsOf({ senders, rate, allowIps }: ApiKey): string {
  const limits = [
    senders && `as ${senders.join(',')}`,
    rate && rateInWords(rate),
    allowIps && `from ${allowIps.join(',')}`,
  ];
  return limits.filter((limit) => limit !== null).join('; ') || 'none';
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
