import { addressIn, addressesIn, isDaemon, namedIn, sameAddress, type Named } from './addresses.js';
import { first } from './fields.js';
import type { Report } from './report.js';

/** What a report's text says about one recipient. */
export interface Passage {
  readonly address: string | null;
  readonly text: string;
}

/** Reports that name more are lists of a whole mailing; the rest comes in reports of their own. */
export const MOST_RECIPIENTS = 200;
const LONGEST = 6_000;

/** Recipients and what is said of each, from a report that has no machine-readable part. */
export function passages(report: Report): Passage[] {
  const lines = report.prose.split('\n');
  const failed = [...new Set(addressesIn(first(report.fields, 'x-failed-recipients')))];
  const isOther = (address: string): boolean => isSender(report, address) || isDaemon(address);
  const named = namedIn(lines, isOther).slice(0, MOST_RECIPIENTS);
  if (failed.length > 0) {
    return failed.slice(0, MOST_RECIPIENTS).map((address) => ({
      address,
      text: failed.length === 1 ? whole(report) : passageOf(address, named, lines),
    }));
  }
  if (named.length === 1) return [{ address: named[0]?.address ?? null, text: whole(report) }];
  if (named.length > 1)
    return named.map(({ address }) => ({ address, text: passageOf(address, named, lines) }));
  return [{ address: originalRecipient(report), text: whole(report) }];
}

/** What the text of a report with a machine-readable part adds about one of its recipients. */
export function passageFor(report: Report, address: string | null, alone: boolean): string {
  if (alone || !address) return whole(report);
  const lines = report.prose.split('\n');
  return passageOf(
    address,
    namedIn(lines, (other) => isSender(report, other)),
    lines,
  );
}

const whole = ({ prose }: Report): string => prose.slice(0, LONGEST);

function passageOf(address: string, named: readonly Named[], lines: readonly string[]): string {
  const at = named.findIndex((other) => sameAddress(other.address, address));
  const own = named[at];
  if (!own) return '';
  const from = own.closes ? lastCommand(lines, (named[at - 1]?.line ?? -1) + 1, own.line) : own.line;
  const to = own.closes ? own.line + 1 : (named[at + 1]?.line ?? lines.length);
  return lines.slice(from, to).join('\n').slice(0, LONGEST);
}

/** In a transcript a verdict follows the command that it is about; what came before belongs to another host. */
function lastCommand(lines: readonly string[], from: number, to: number): number {
  const at = lines.slice(from, to).findLastIndex((line) => /^>>>|while talking to/i.test(line));
  return at < 0 ? from : from + at;
}

/** The report goes to the sender: that address, wherever the text repeats it, is not the one that failed. */
function isSender({ fields, original }: Report, address: string): boolean {
  const recipient = addressIn(first(original, 'to'));
  if (sameAddress(address, recipient)) return false;
  return (
    sameAddress(address, addressIn(first(fields, 'to', 'delivered-to'))) ||
    sameAddress(address, addressIn(first(original, 'from')))
  );
}

/** Of the returned mail, where nothing else says whom it was for. */
export const originalRecipient = ({ original }: Report): string | null =>
  addressIn(first(original, 'x-original-to', 'to', 'x-failed-recipients'));
