import pg from 'pg';
import type { Program } from '../support/program.js';

/** An event as it was committed, with the mail that it made. */
export interface Row {
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

/** What the operator was told, or is to be. */
export interface Alert {
  readonly emailId: string | null;
  /** The mail that tells it. */
  readonly toldIn: string | null;
}

export interface Committed {
  readonly rows: readonly Row[];
  readonly alerts: readonly Alert[];
}

/** The events and their mails, from behind the API's back. */
export async function committed(program: Program): Promise<Committed> {
  const client = new pg.Client({ connectionString: program.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(`
      SELECT e.source, e.event_id AS "eventId", o.order_id AS "orderId", e.type, e.part, e.reason,
             e.message_id AS "emailId", d.state, d.tries,
             (SELECT count(*)::int FROM events v WHERE v.message_id = e.message_id AND v.type = 'email.unknown') AS lost
        FROM order_events e JOIN orders o ON o.id = e.order_ref
        LEFT JOIN deliveries d ON d.message_id = e.message_id`);
    const alerts = await client.query<Alert>(
      `SELECT message_id AS "emailId", told_in AS "toldIn" FROM alerts WHERE kind = 'order_mail'`,
    );
    return { rows, alerts: alerts.rows };
  } finally {
    await client.end();
  }
}

/** Each mail is sent or has failed, the operator is to hear of each that failed, and has heard of the first. */
export function isSettled({ rows, alerts }: Committed): boolean {
  const failed = rows.filter(({ state }) => state === 'failed');
  return (
    rows.every(({ emailId, state }) => emailId === null || state === 'sent' || state === 'failed') &&
    alerts.length >= failed.length &&
    alerts.some(({ toldIn }) => toldIn !== null)
  );
}
