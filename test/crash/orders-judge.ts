import pg from 'pg';
import type { Program } from '../support/program.js';
import type { Answered, Clients } from './orders-clients.js';
import type { Step } from './orders-plan.js';
import type { RecordingSmtp } from './recording-smtp.js';

/** An event as it was committed, with the mail that it made. */
interface Row {
  readonly source: string;
  readonly eventId: string;
  readonly orderId: string;
  readonly type: string;
  readonly part: string;
  readonly reason: string | null;
  readonly emailId: string | null;
  readonly state: string | null;
  /** Hand-overs whose answer was not seen. */
  readonly lost: number;
  readonly tries: number | null;
}

/** The events and their mails, from behind the API's back. */
export async function committed(program: Program): Promise<Row[]> {
  const client = new pg.Client({ connectionString: program.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(`
      SELECT e.source, e.event_id AS "eventId", o.order_id AS "orderId", e.type, e.part, e.reason,
             e.message_id AS "emailId", d.state, d.tries,
             (SELECT count(*)::int FROM events v WHERE v.message_id = e.message_id AND v.type = 'email.unknown') AS lost
        FROM order_events e JOIN orders o ON o.id = e.order_ref
        LEFT JOIN deliveries d ON d.message_id = e.message_id`);
    return rows;
  } finally {
    await client.end();
  }
}

export interface Verdict {
  readonly mails: number;
  /** Message-IDs that arrived. */
  readonly distinct: number;
  /** Arrived besides the first of each. */
  readonly copies: number;
  readonly unknown: number;
  readonly problems: string[];
}

/** Compares what was answered, what is committed, and what arrived. @param onWire open connections at the kills */
export function judge(clients: Clients, rows: readonly Row[], smtp: RecordingSmtp, onWire: number): Verdict {
  const mails = rows.filter(({ emailId }) => emailId !== null);
  const unknown = mails.reduce((sum, { lost }) => sum + lost, 0);
  const arrivals = new Map([...smtp.messageIds].map(([id, times]) => [id.split('@')[0], times]));
  const copies = smtp.count - arrivals.size;
  const problems = [
    ...answerProblems(clients, rows),
    ...clients.steps.flatMap((step) => eventProblems(step, rows)),
    ...mails.flatMap((mail) => mailProblems(mail, arrivals.get(mail.emailId ?? '') ?? 0)),
    rows.length !== clients.steps.length && `${rows.length} events are kept of ${clients.steps.length}`,
    arrivals.size !== mails.length && `${arrivals.size} Message-IDs arrived for ${mails.length} mails`,
    copies > onWire && `${copies} copies, though ${onWire} connections were open at the kills`,
    unknown > onWire && `${unknown} unknown, though ${onWire} connections were open at the kills`,
  ].filter((problem) => problem !== false);
  return { mails: mails.length, distinct: arrivals.size, copies, unknown, problems };
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

/** Sent, and each hand-over that was not seen to its end is told of: no copy came without word of it. */
function mailProblems({ eventId, state, lost, tries }: Row, arrived: number): string[] {
  return [
    state !== 'sent' && `${eventId}: its mail is ${state}`,
    arrived === 0 && `${eventId}: its mail did not arrive`,
    arrived > 1 + lost && `${eventId}: ${arrived} copies, ${lost} reported as unknown`,
    tries !== 1 + lost && `${eventId}: ${tries} tries, ${lost} of them unknown`,
  ].filter((problem) => problem !== false);
}
