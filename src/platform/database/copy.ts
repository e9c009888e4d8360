import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

export type CopyValue = string | number | boolean | Date | Buffer | null;

/**
 * Writes many rows at once with COPY, in the transaction that it belongs to. Triggers of the table run as for an INSERT.
 * @param table its name, with the columns in the order of the values: `people (id, name)`
 */
export type Copy = (table: string, rows: Iterable<readonly CopyValue[]>) => Promise<void>;

/** Octets that go to the socket at once: a write a row would be all that a copy does. */
const BLOCK = 64 * 1024;

export function copyInto(client: pg.ClientBase): Copy {
  return async (table, rows) => {
    await pipeline(Readable.from(blocks(rows)), client.query(from(`COPY ${table} FROM STDIN`)));
  };
}

/** The text format of COPY: a tab between values, a line a row. */
export function* blocks(rows: Iterable<readonly CopyValue[]>): Generator<string> {
  let block = '';
  for (const row of rows) {
    let line = '';
    for (const value of row) line += line === '' ? asText(value) : `\t${asText(value)}`;
    block += `${line}\n`;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function asText(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string')
    return /[\\\t\n\r]/.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (one) => escapes[one]!) : value;
  if (value instanceof Buffer) return `\\\\x${value.toString('hex')}`;
  return value instanceof Date ? value.toISOString() : String(value);
}
