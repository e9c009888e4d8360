import { theirName } from './bounces-names.js';
import { measures, share, type Judged } from './bounces.js';

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`.padStart(8);

/** The table by family, the totals, and every recipient that is judged otherwise than expected. */
export function bounceReport(judged: readonly Judged[]): string {
  const families = [...new Set(judged.map(({ family }) => family))].toSorted();
  const row = (name: string, those: readonly Judged[]): string =>
    `${name.padEnd(24)}${String(those.length).padStart(5)}${measures.map((measure) => percent(share(those, measure))).join('')}`;
  return [
    `${'family'.padEnd(24)}${'n'.padStart(5)}${measures.map((measure) => measure.padStart(8)).join('')}`,
    ...families.map((family) =>
      row(
        family,
        judged.filter((one) => one.family === family),
      ),
    ),
    row('all', judged),
    '',
    'misses (expected, ours):',
    ...judged.filter((one) => !one.hard || !one.reason || !one.status).map(miss),
  ].join('\n');
}

function miss({ file, expected, ours, hard, reason, status }: Judged): string {
  const wrong = [!hard && 'hard', !reason && 'reason', !status && 'status'].filter(Boolean).join(',');
  if (!ours) return `  ${file} ${wrong}: ${expected.reason} ${expected.status}: no such recipient`;
  const words = ours.reply.replaceAll(/\s+/g, ' ').slice(0, 90);
  return `  ${file} ${wrong}: ${expected.reason} ${expected.status || '–'} ${expected.hard}, ${ours.reason} (${theirName[ours.reason]}) ${ours.status ?? '–'} ${ours.hard}: ${words}`;
}
