import { adviceFor, type Advice } from './advice.js';
import type { AlertKind, AlertRow, MailFact } from './alerts.types.js';

/** One alert as the mail shows it; null where a kind has no such thing. */
export interface AlertItem {
  readonly kind: AlertKind;
  /** `2026-11-22 09:41`, in the time zone of the shop. */
  readonly at: string;
  readonly order: string | null;
  readonly mail: string | null;
  readonly subject: string | null;
  readonly emailId: string | null;
  readonly state: string | null;
  /** The words of a server, or of Postrider where it stopped something itself. */
  readonly said: string | null;
  readonly advice: Advice | null;
  /** Of a campaign or a relay. */
  readonly name: string | null;
  readonly endpointId: string | null;
  readonly url: string | null;
  readonly reason: string | null;
  readonly host: string | null;
  readonly path: string | null;
  readonly free: string | null;
}

/** What others know of the things that alerts are about. */
export interface Known {
  readonly mails: ReadonlyMap<number, MailFact>;
  readonly campaigns: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
}

/** Mailbox providers cut a mail at 102 KB; the longest reply has 500 characters. */
const LONGEST = 300;

const nothing = {
  order: null,
  mail: null,
  subject: null,
  emailId: null,
  state: null,
  said: null,
  advice: null,
  name: null,
  endpointId: null,
  url: null,
  reason: null,
  host: null,
  path: null,
  free: null,
};

export function itemOf(alert: AlertRow, known: Known, timezone: string): AlertItem {
  const { kind, data } = alert;
  const text = (name: string) => (typeof data[name] === 'string' ? brief(data[name]) : null);
  const base = { ...nothing, kind, at: moment(alert.at, timezone) };
  switch (kind) {
    case 'order_mail': {
      const fact = known.mails.get(alert.delivery_id ?? 0);
      const reason = text('reason');
      return {
        ...base,
        order: brief(fact?.order),
        mail: brief(fact?.mail),
        subject: brief(fact?.subject),
        emailId: alert.message_id,
        state: text('state'),
        // What could not be made was said by nobody but Postrider.
        said: brief(fact?.said ?? reason),
        advice: adviceFor(reason),
      };
    }
    case 'campaign':
      return { ...base, name: brief(known.campaigns.get(alert.campaign_id ?? '')), said: text('reason') };
    case 'webhook': {
      const endpointId = text('endpointId');
      const url = withoutQuery(known.endpoints.get(endpointId ?? ''));
      return { ...base, endpointId, url, reason: text('reason') };
    }
    case 'relay':
      return { ...base, name: text('relay'), said: text('said') };
    case 'disk':
      return { ...base, host: text('host'), path: text('path'), free: text('free') };
  }
}

function brief(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '') return null;
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}

/** What follows the path may be somebody's secret. */
function withoutQuery(url: string | undefined): string | null {
  const parsed = URL.parse(url ?? '');
  return parsed && brief(parsed.origin + parsed.pathname);
}

/** Sweden writes dates as ISO 8601 does, which no operator mistakes. */
function moment(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(at);
}
