import { CsvError, parse } from 'csv-parse';
import type { Delimiter } from '../imports.types.js';
import { FileError } from './file-error.js';

/** The most that a record may have: a quote that is never closed would take all that follows into one. */
const MAX_RECORD = 1024 * 1024;

export interface Records {
  readonly records: readonly string[][];
  /** Octets of the file that were given to the parser so far. */
  readonly octets: number;
}

/**
 * The records of a file, the header too, as many at a time as one chunk of it holds. Fields may be short or too many: that is a matter of
 * the row. A quote in the middle of a field is a character like any other.
 * @throws FileError that names the line
 */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: Delimiter,
): AsyncGenerator<Records> {
  const found: string[][] = [];
  let octets = 0;
  const parser = parse({
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD,
    // Records are taken here: through the parser's own stream each costs as much again as its parsing.
    on_record: (record: string[]) => void found.push(record),
  });
  const failed = new Promise<never>((_, reject) => parser.once('error', reject));
  failed.catch(() => undefined);
  parser.resume();
  const written = (chunk: Buffer) => new Promise<void>((done) => parser.write(chunk, () => done()));
  try {
    for await (const chunk of chunks) {
      await Promise.race([written(chunk), failed]);
      octets += chunk.length;
      yield { records: found.splice(0), octets };
    }
    await Promise.race([new Promise<void>((done) => parser.end(done)), failed]);
    yield { records: found.splice(0), octets };
  } catch (error) {
    if (error instanceof CsvError) throw new FileError(problemOf(error));
    throw error;
  }
}

function problemOf({ code, lines, message }: CsvError & { readonly lines?: number }): string {
  if (code === 'CSV_MAX_RECORD_SIZE')
    return `a row that begins before line ${lines} is larger than 1 MB: perhaps a quote is not closed`;
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return `a quote is opened and never closed; the file ends at line ${lines}`;
  return message;
}
