/**
 * CSV that a person opens in a spreadsheet. RFC 4180: CRLF, quotes doubled. A byte order mark, without which Excel takes UTF-8 for an old
 * code page. A text that begins like a formula gets an apostrophe in front, which spreadsheets take for "this is text" (OWASP, CSV
 * injection): what strangers wrote is never run. So does one that begins with an apostrophe, or it could not be told from those.
 */
export function toCsv(rows: readonly (readonly (string | number)[])[], delimiter: ',' | ';' = ','): string {
  return `${CSV_START}${rows.map((row) => csvLine(row, delimiter)).join('')}`;
}

/** The byte order mark. */
export const CSV_START = '\uFEFF';

/** One row of such a file, for those that are too long to be put together at once. */
export function csvLine(row: readonly (string | number)[], delimiter: ',' | ';' = ','): string {
  return `${row.map((cell) => field(cell, delimiter)).join(delimiter)}\r\n`;
}

/** What `toCsv` was given: without the apostrophe in front of a text that looks like a formula. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && formula.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** Excel splits at the list separator of the computer's region: a semicolon where the comma stands in numbers. */
export function csvDelimiter(locale: string): ',' | ';' {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.some(({ type, value }) => type === 'decimal' && value === ',') ? ';' : ',';
}

const formula = /^[\s]*[=+\-@'\t\r\n＝＋－＠]/u;

function field(cell: string | number, delimiter: string): string {
  if (typeof cell === 'number') return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Nested data as rows of a sheet: which kind, which record of it (counted from 1), which field, and its value. What is empty has no row.
 */
export function sheetRows(data: Readonly<Record<string, unknown>>): (string | number)[][] {
  return Object.entries(data).flatMap(([kind, value]) => {
    const records: readonly unknown[] = Array.isArray(value) ? value : [value];
    return records.flatMap((record, at) =>
      leaves(record, '').map(([path, leaf]) => [kind, at + 1, path, leaf] as (string | number)[]),
    );
  });
}

function leaves(value: unknown, path: string): [string, string | number][] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => {
      const name = Array.isArray(value) ? String(Number(key) + 1) : key;
      return leaves(inner, path === '' ? name : `${path}.${name}`);
    });
  }
  return [[path, typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value)]];
}
