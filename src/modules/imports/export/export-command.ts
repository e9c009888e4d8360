import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.js';
import type { SubscribersExport } from './export.service.js';

const statuses = ['pending', 'confirmed', 'unsubscribed'] as const;

/** `export [--list SLUG] [--status confirmed] [FILE]`: to the file, or to standard output. @throws UsageError */
export async function exportCommand(
  subscribers: SubscribersExport,
  argv: string[],
  output: Writable,
): Promise<void> {
  const { values, positionals } = read(argv);
  if (positionals.length > 1) throw new UsageError('export writes one file');
  const status = statuses.find((one) => one === values.status);
  if (values.status !== undefined && status === undefined)
    throw new UsageError(`--status is one of ${statuses.join(', ')}`);
  const pieces = Readable.from(await subscribers.csv({ list: values.list, status }));
  const [file] = positionals;
  if (file === undefined) await pipeline(pieces, output, { end: false });
  // It holds addresses: nobody else on the machine needs to read it.
  else await pipeline(pieces, createWriteStream(file, { mode: 0o600 }));
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { list: { type: 'string' }, status: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
