import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { understandBounce, type UnderstoodRecipient } from '../../src/modules/bounces/understand/index.js';
import { isMadeUp, theirName } from './bounces-names.js';

/** One recipient as somebody else judged it, beside what we say. */
export interface Judged {
  readonly file: string;
  readonly family: string;
  readonly expected: Expected;
  readonly ours: UnderstoodRecipient | undefined;
  readonly hard: boolean;
  readonly reason: boolean;
  readonly status: boolean;
  readonly code: boolean;
}

interface Expected {
  readonly status: string;
  readonly reply: string;
  readonly reason: string;
  readonly hard: boolean;
}

/** The corpus beside the project, as acceptance has it, else the copy in the repository. */
export function corpusPath(): string {
  const shared = join(import.meta.dirname, '../../../shared/corpora/bounces');
  return existsSync(shared) ? shared : committedCorpus;
}

export const committedCorpus = join(import.meta.dirname, '../corpora/bounces');

/** The mails of the copy in the repository, as they came. */
export const readCommitted = (): Buffer[] =>
  readdirSync(join(committedCorpus, 'eml')).map((file) => readFileSync(join(committedCorpus, 'eml', file)));

export function judgeCorpus(path: string, wanted: (file: string) => boolean = () => true): Judged[] {
  const cases = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as {
    file: string;
    recipients: Expected[];
  }[];
  const present = new Set(readdirSync(join(path, 'eml')));
  return cases
    .filter(({ file }) => present.has(file) && wanted(file))
    .flatMap(({ file, recipients }) => {
      const ours = understandBounce(readFileSync(join(path, 'eml', file))).recipients;
      return recipients.map((expected, at) => judge(file, expected, ours[at]));
    });
}

function judge(file: string, expected: Expected, ours: UnderstoodRecipient | undefined): Judged {
  const family = file.replace(/-\d+\.eml$/, '');
  return {
    file,
    family,
    expected,
    ours,
    hard: ours !== undefined && ours.hard === expected.hard,
    reason: ours !== undefined && theirName[ours.reason] === expected.reason,
    status: ours !== undefined && sameStatus(expected.status, ours),
    code: ours !== undefined && String(ours.code ?? '') === expected.reply,
  };
}

function sameStatus(expected: string, { status, permanent }: UnderstoodRecipient): boolean {
  if (!isMadeUp(expected)) return (status ?? '') === expected;
  return (status === null || status.endsWith('.0.0')) && permanent === expected.startsWith('5');
}

export const measures = ['hard', 'reason', 'status', 'code'] as const;
export type Measure = (typeof measures)[number];

/** The share that is right, from 0 to 1. */
export const share = (judged: readonly Judged[], measure: Measure): number =>
  judged.filter((one) => one[measure]).length / Math.max(1, judged.length);

/** What issue and standards ask for. */
export const bar = { hard: 0.97, reason: 0.9, status: 0.9 } as const satisfies Partial<
  Record<Measure, number>
>;
