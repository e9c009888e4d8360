import { addressParser } from 'postal-mime';
import type { Address } from 'postal-mime';
import type {
  InboxListing,
  InboxPageData,
  InboxRow,
  InboxView,
  TextRun,
} from '../../platform/pages/index.js';
import type { Page } from '../../platform/http/index.js';
import type { ParsedMail } from './inbox.mail.js';
import type { InboxMessage, InboxSummary } from './inbox.types.js';

/** How much of the source is shown; beyond it a browser would labour for nobody. In octets. */
const SOURCE_SHOWN = 256 * 1024;

const VIEWS: readonly InboxView[] = ['html', 'text', 'source', 'headers'];

/** Turns what is stored into what the pages show, in one language and one time zone. */
export class InboxPresenter {
  private readonly clock: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly full: Intl.DateTimeFormat;

  constructor(locale: string, timeZone: string) {
    this.clock = new Intl.DateTimeFormat(locale, {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    this.day = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
    this.full = new Intl.DateTimeFormat(locale, {
      timeZone,
      dateStyle: 'full',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
  }

  listing(
    page: Page<InboxSummary>,
    { q, after, count }: { q: string; after: string | null; count: number },
  ): InboxListing {
    const oldest = page.data.at(-1);
    return {
      rows: page.data.map((message) => this.row(message, q)),
      q,
      count,
      liveUrl: after === null ? `/inbox${query({ q })}` : null,
      olderUrl: page.hasMore && oldest ? `/inbox${query({ q, after: oldest.id })}` : null,
      newestUrl: after === null ? null : `/inbox${query({ q })}`,
    };
  }

  /** @param wanted the view that was asked for; without one, HTML where there is some. */
  message(
    message: InboxMessage,
    mail: ParsedMail,
    { wanted, q }: { wanted: InboxView | null; q: string },
  ): Omit<InboxPageData['inbox/message'], 'listing'> {
    const { id } = message;
    const view = wanted ?? (mail.html === null && mail.text !== null ? 'text' : 'html');
    return {
      listUrl: `/inbox${query({ q })}`,
      message: {
        id,
        subject: message.subject,
        from: addresses(message.fromHeader) || message.mailFrom,
        to: addresses(message.toHeader) || message.rcptTo.join(', '),
        envelope: envelope(message),
        receivedAt: message.receivedAt.toISOString(),
        time: this.full.format(message.receivedAt),
        size: size(message.size),
        attachments: mail.attachments.map(({ name, content }, index) => ({
          name,
          size: size(content.length),
          url: `/inbox/${id}/attachments/${index}`,
        })),
      },
      view,
      views: VIEWS.map((name) => ({ name, url: `/inbox/${id}${query({ q, view: name })}` })),
      frameUrl: view === 'html' && mail.html !== null ? `/inbox/${id}/html` : null,
      text: textOf(view, message, mail),
      cut: message.raw.length > SOURCE_SHOWN,
      sourceUrl: `/inbox/${id}/source`,
      headers: view === 'headers' ? mail.headers : [],
    };
  }

  private row(message: InboxSummary, q: string): InboxRow {
    const { id, receivedAt } = message;
    return {
      id,
      url: `/inbox/${id}${query({ q })}`,
      from: names(message.fromHeader) || message.mailFrom,
      to: message.rcptTo.join(', '),
      subject: message.subject,
      receivedAt: receivedAt.toISOString(),
      time: this.when(receivedAt),
      size: size(message.size),
    };
  }

  /** Today's mail has a time, older mail a day. */
  private when(time: Date): string {
    const day = this.day.format(time);
    return day === this.day.format(new Date()) ? this.clock.format(time) : day;
  }
}

function textOf(view: InboxView, message: InboxMessage, mail: ParsedMail): TextRun[] | null {
  if (view === 'source') return [{ text: message.raw.subarray(0, SOURCE_SHOWN).toString('utf8'), url: null }];
  return view === 'text' && mail.text !== null ? linkify(mail.text) : null;
}

/** Plain text with its web addresses as links: the confirmation in a text part is to be clicked too. */
export function linkify(text: string): TextRun[] {
  const runs: TextRun[] = [];
  let from = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/gi)) {
    if (found.index > from) runs.push({ text: text.slice(from, found.index), url: null });
    runs.push({ text: found[0], url: found[0] });
    from = found.index + found[0].length;
  }
  if (from < text.length) runs.push({ text: text.slice(from), url: null });
  return runs;
}

/** `Ada Lovelace <ada@example.com>`, without the quotes and comments that the header may have. */
function addresses(header: string): string {
  return addressParser(header, { flatten: true })
    .map(({ name, address }) => (name === '' ? address : `${name} <${address}>`))
    .join(', ');
}

function names(header: string): string {
  const name = (address: Address): string => address.name || (address.address ?? '');
  return addressParser(header).map(name).join(', ');
}

/** The bounce address; and the recipients where the header To does not name them all (blind copies). */
function envelope({ mailFrom, rcptTo, toHeader }: InboxSummary): string {
  const shown = new Set(
    addressParser(toHeader, { flatten: true }).map(({ address }) => address?.toLowerCase()),
  );
  const hidden = rcptTo.some((address) => !shown.has(address.toLowerCase()));
  return `${mailFrom === '' ? '<>' : mailFrom}${hidden ? ` → ${rcptTo.join(', ')}` : ''}`;
}

/** `9.1 kB`; in steps of a thousand. */
export function size(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  const [value, unit] = octets < 999_500 ? [octets / 1000, 'kB'] : [octets / 1_000_000, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

function query(parameters: Record<string, string>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
