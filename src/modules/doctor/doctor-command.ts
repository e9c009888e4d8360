import { parseAddress } from '../../domain/index.js';
import type { Diagnosis } from './doctor.service.js';
import type { Finding, FindingStatus } from './finding.js';

export interface DoctorArguments {
  readonly json: boolean;
  readonly domains: readonly string[];
}

/** The command cannot be carried out as it was typed. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError for what is no domain and no option */
export function readDoctorArguments(args: readonly string[]): DoctorArguments {
  const option = args.find((arg) => arg.startsWith('-') && arg !== '--json');
  if (option !== undefined) throw new UsageError(`doctor knows --json and domains, and no "${option}"`);
  const domains = args
    .filter((arg) => arg !== '--json')
    .map((arg) => {
      const parsed = parseAddress(`x@${arg}`);
      if (!parsed.ok) throw new UsageError(`doctor: "${arg}" is not a domain`);
      return parsed.address.domain;
    });
  return { json: args.includes('--json'), domains };
}

/** 1 where anything fails; what cannot be found out from here is no failure. */
export function exitCodeOf({ findings }: Pick<Diagnosis, 'findings'>): 0 | 1 {
  return findings.some(({ status }) => status === 'failure') ? 1 : 0;
}

/** For programs. Keys and statuses stay as they are; new ones may come. */
export function diagnosisJson(diagnosis: Diagnosis): string {
  return JSON.stringify({ summary: countsOf(diagnosis.findings), ...diagnosis }, null, 2);
}

/** For people: each finding a line, with a line of what to do. */
export function diagnosisText({ findings, oneClick }: Diagnosis): string {
  const width = Math.max(0, ...findings.map((finding) => titleOf(finding).length));
  const lines = findings.map((finding) => {
    const { status, is, todo } = finding;
    const line = `${status.padEnd(7)}  ${titleOf(finding).padEnd(width)}  ${is}`;
    return todo === null ? line : `${line}\n${' '.repeat(11 + width)}→ ${todo}`;
  });
  const counts = countsOf(findings);
  const summary = statuses.map((status) => `${counts[status]} ${status}`).join(', ');
  const outside =
    oneClick === null
      ? []
      : [
          '',
          'Whether one-click unsubscribe works from outside (RFC 8058), only a machine elsewhere can tell. There, this must print 200:',
          `  ${oneClick}`,
        ];
  return [...lines, '', summary, ...outside].join('\n');
}

const statuses: readonly FindingStatus[] = ['ok', 'warning', 'failure', 'unknown'];

const titleOf = ({ check, subject }: Finding): string => (subject === null ? check : `${check} ${subject}`);

function countsOf(findings: readonly Finding[]): Record<FindingStatus, number> {
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length;
  return { ok: count('ok'), warning: count('warning'), failure: count('failure'), unknown: count('unknown') };
}
