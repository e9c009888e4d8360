import type { Answered, Clients } from './orders-clients.js';
import type { Committed, Row } from './orders-committed.js';
import { isRefused, type Step } from './orders-plan.js';
import type { RecordingSmtp } from './recording-smtp.js';

export interface Verdict {
  /** That were to arrive. */
  readonly mails: number;
  /** Message-IDs of theirs that arrived. */
  readonly distinct: number;
  /** Arrived besides the first of each. */
  readonly copies: number;
  readonly unknown: number;
  /** Mails that failed for good, and of which the operator is to hear. */
  readonly failed: number;
  /** Mails to the operator. */
  readonly alertMails: number;
  readonly problems: string[];
}

/**
 * Compares what was answered, what is committed, and what arrived.
 * @param onWire open connections at the kills
 */
export function judge(clients: Clients, found: Committed, smtp: RecordingSmtp, onWire: number): Verdict {
  const { rows, alerts } = found;
  const arrivals = new Map([...smtp.messageIds].map(([id, times]) => [id.split('@')[0] ?? '', times]));
  const ours = rows.filter(({ emailId }) => emailId !== null);
  const mails = ours.filter(({ orderId }) => !isRefused(orderId));
  const told = new Set(alerts.flatMap(({ toldIn }) => toldIn ?? []));
  const distinct = mails.filter(({ emailId }) => arrivals.has(emailId ?? '')).length;
  const unknown = ours.reduce((sum, { lost }) => sum + lost, 0);
  const copies = smtp.count - arrivals.size;
  const strays = arrivals.size - distinct - told.size;
  const problems = [
    ...answerProblems(clients, rows),
    ...clients.steps.flatMap((step) => eventProblems(step, rows)),
    ...ours.flatMap((mail) => mailProblems(mail, arrivals.get(mail.emailId ?? '') ?? 0)),
    ...alertProblems(found, arrivals),
    rows.length !== clients.steps.length && `${rows.length} events are kept of ${clients.steps.length}`,
    distinct !== mails.length && `${distinct} Message-IDs arrived for ${mails.length} mails`,
    strays !== 0 && `${strays} mails arrived that nothing made`,
    copies > onWire && `${copies} copies, though ${onWire} connections were open at the kills`,
    unknown > onWire && `${unknown} unknown, though ${onWire} connections were open at the kills`,
  ].filter((problem) => problem !== false);
  const failed = ours.length - mails.length;
  return { mails: mails.length, distinct, copies, unknown, failed, alertMails: told.size, problems };
}

/** Every 2xx is a committed event, told in the same words each time, and new at most once; there is no other answer. */
function answerProblems({ answers }: Clients, rows: readonly Row[]): string[] {
  const kept = new Map(rows.map((row) => [`${row.source} ${row.eventId}`, row]));
  const problems = answers.flatMap(({ step, status, body }) => {
    const row = kept.get(`${step.source} ${step.eventId}`);
    if (status !== 202 && status !== 200) return [`${step.eventId}: ${status} ${JSON.stringify(body)}`];
    if (!row) return [`${step.eventId}: ${status}, and nothing is kept of it`];
    if (step.source === 'stripe') return [];
    const { emailId = null, reason = null } = body;
    return emailId === row.emailId && reason === row.reason
      ? []
      : [`${step.eventId}: answered ${JSON.stringify(body)}, kept ${JSON.stringify(row)}`];
  });
  const isNew = ({ status }: Answered) => status === 202;
  for (const [step, same] of Map.groupBy(answers.filter(isNew), (answer) => answer.step)) {
    if (same.length > 1) problems.push(`${step.eventId}: answered as new ${same.length} times`);
  }
  return problems;
}

function eventProblems(step: Step, rows: readonly Row[]): string[] {
  const row = rows.find(({ source, eventId }) => source === step.source && eventId === step.eventId);
  if (!row) return [`${step.eventId} is not kept`];
  if (step.skipped !== 'twin')
    return row.reason === (step.skipped ?? null)
      ? []
      : [`${step.eventId}: skipped as ${row.reason}, not ${step.skipped}`];
  const mailed = rows.filter(
    ({ orderId, type, part, emailId }) =>
      orderId === row.orderId && type === row.type && part === row.part && emailId !== null,
  );
  return mailed.length === 1 ? [] : [`${row.orderId} ${row.type}: ${mailed.length} mails`];
}

/** Sent, and each hand-over that was not seen to its end is told of: no copy came without word of it. Or failed, where it had to. */
function mailProblems({ eventId, orderId, state, lost, tries }: Row, arrived: number): string[] {
  const refused = isRefused(orderId);
  return [
    state !== (refused ? 'failed' : 'sent') && `${eventId}: its mail is ${state}`,
    arrived === 0 && !refused && `${eventId}: its mail did not arrive`,
    arrived > (refused ? 0 : 1) + lost && `${eventId}: ${arrived} arrived, ${lost} reported as unknown`,
    tries !== 1 + lost && `${eventId}: ${tries} tries, ${lost} of them unknown`,
  ].filter((problem) => problem !== false);
}

/** Each mail that failed is told of once, and nothing else; what is called told was in a mail that arrived. */
function alertProblems({ rows, alerts }: Committed, arrivals: ReadonlyMap<string, number>): string[] {
  const failed = rows.flatMap(({ state, emailId }) => (state === 'failed' ? (emailId ?? []) : []));
  const about = alerts.flatMap(({ emailId }) => emailId ?? []);
  return [
    ...failed.filter((id) => !about.includes(id)).map((id) => `${id} failed without an alert`),
    ...about.filter((id, at) => about.indexOf(id) !== at).map((id) => `${id} has more than one alert`),
    ...about.filter((id) => !failed.includes(id)).map((id) => `an alert about ${id}, which did not fail`),
    ...new Set(
      alerts.flatMap(({ toldIn }) =>
        toldIn !== null && !arrivals.has(toldIn) ? `the alert mail ${toldIn} did not arrive` : [],
      ),
    ),
  ];
}
