/** `unknown`: it could not be found out from here, such as without internet. */
export type FindingStatus = 'ok' | 'warning' | 'failure' | 'unknown';

export interface Finding {
  /** What was looked at: `spf`, `relay-tls`. */
  readonly check: string;
  /** Of what: a domain, a relay, a file; null where there is only one. */
  readonly subject: string | null;
  readonly status: FindingStatus;
  /** What is, in one line. */
  readonly is: string;
  /** What to do, in one line; null where nothing is to be done. */
  readonly todo: string | null;
}

/** The findings of one check about one thing. */
export interface Findings {
  ok(is: string): Finding;
  warning(is: string, todo: string): Finding;
  failure(is: string, todo: string): Finding;
  unknown(is: string, todo: string): Finding;
}

export function findingsOf(check: string, subject: string | null): Findings {
  const make = (status: FindingStatus) => (is: string, todo: string) =>
    ({ check, subject, status, is: oneLine(is), todo: oneLine(todo) }) satisfies Finding;
  return {
    ok: (is) => ({ check, subject, status: 'ok', is: oneLine(is), todo: null }),
    warning: make('warning'),
    failure: make('failure'),
    unknown: make('unknown'),
  };
}

/** What servers say may be long, and may hold what moves a terminal's cursor. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 1_000);
}
