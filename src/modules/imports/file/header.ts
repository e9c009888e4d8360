import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { Delimiter } from '../imports.types.js';
import { FileError } from './file-error.js';

const MAX_COLUMNS = 200;
const MAX_NAME = 200;

export interface Header {
  readonly delimiter: Delimiter;
  /** Trimmed. */
  readonly names: readonly string[];
}

/**
 * The first row. The delimiter is the one that stands most often in it, outside quotes.
 * @param start the beginning of the file, one MB or all of it
 * @throws FileError
 */
export function readHeader(start: string): Header {
  const delimiter = delimiterOf(start);
  const names = firstRecord(start, delimiter).map((name) => name.trim());
  if (names.every((name) => name === ''))
    throw new FileError('the first row is empty: it must name the columns');
  if (names.length > MAX_COLUMNS) throw new FileError(`the header has more than ${MAX_COLUMNS} columns`);
  const bad = names.find((name) => name.length > MAX_NAME || /\p{Cc}/u.test(name));
  if (bad !== undefined) {
    throw new FileError(
      `the header has a name that is longer than ${MAX_NAME} characters or holds control characters: ${JSON.stringify(bad.slice(0, 60))}`,
    );
  }
  return { delimiter, names };
}

function delimiterOf(start: string): Delimiter {
  const counts = { ',': 0, ';': 0, '\t': 0 };
  let isQuoted = false;
  for (const character of start) {
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '\n' || character === '\r') break;
    else if (character in counts) counts[character as Delimiter] += 1;
  }
  const [best] = (Object.entries(counts) as [Delimiter, number][]).toSorted(
    ([, one], [, other]) => other - one,
  );
  return best?.[0] ?? ',';
}

function firstRecord(start: string, delimiter: Delimiter): string[] {
  try {
    const [first] = parse(start, {
      delimiter,
      to: 1,
      relax_column_count: true,
      relax_quotes: true,
    });
    return first ?? [];
  } catch (error) {
    if (error instanceof CsvError) throw new FileError(`the header cannot be read: ${error.message}`);
    throw error;
  }
}
