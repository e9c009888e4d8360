import type { Retention, RetentionLine } from './retention.service.js';

/** `retention [--dry-run]`. @returns what to print: one line per kind of record */
export async function retentionCommand(retention: Retention, dryRun: boolean): Promise<string> {
  const lines = dryRun ? await retention.preview() : await retention.run();
  if (!lines) return 'Another process is letting go of old records just now.';
  const width = Math.max(...lines.map(({ kind }) => kind.length));
  const told = lines.map((line) => `${line.kind.padEnd(width)}  ${limitOf(line)}  ${said(line, dryRun)}`);
  return [dryRun ? 'What would go now:' : 'What went:', ...told].join('\n');
}

function limitOf({ days }: RetentionLine): string {
  return `${days} ${days === 1 ? 'day' : 'days'}`.padStart(9);
}

function said({ records, problem }: RetentionLine, dryRun: boolean): string {
  if (problem !== null) return `not this time: ${problem}`;
  return `${records} ${dryRun ? 'past their time' : 'gone'}`;
}
