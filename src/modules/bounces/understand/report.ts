import { returnedMail } from '../../../domain/index.js';
import { decodeText, decodeWords, htmlToText } from './decode.js';
import { first, parseFields, type Fields } from './fields.js';
import { parseMail, parseNested, textOf, type Part } from './mime.js';

/** A mail taken apart into what a report can consist of; nothing is judged here. */
export interface Report {
  readonly fields: Fields;
  readonly subject: string;
  /** multipart/report with this report-type, lower case (RFC 6522). */
  readonly type: string;
  /** The human-readable part without the returned mail, also where a person forwarded it with "> ". */
  readonly prose: string;
  /** The blocks of fields of message/delivery-status (RFC 3464 §2.1), or what looks like them in the text. */
  readonly status: readonly Fields[];
  /** message/feedback-report (RFC 5965). */
  readonly feedback: Fields | undefined;
  /** The header of the mail that comes back, or as much of it as the report quotes. */
  readonly original: Fields | undefined;
}

const NESTED_REPORTS = 3;

export function readReport(raw: Buffer): Report {
  return takeApart(parseMail(raw), NESTED_REPORTS);
}

/** A person passed it on: its own header stands in the text, above what it says. */
const forwarded =
  /^[ \t>-]*(begin forwarded message|forwarded message|original message|weitergeleitete nachricht|message transf)/im;

function takeApart(mail: Part, depth: number): Report {
  const found: Found = { plain: [], html: [], status: [], feedback: undefined, nested: [], headers: [] };
  collect(mail, found);
  const text = (found.plain.some((part) => part.trim()) ? found.plain : found.html.map(htmlToText)).join(
    '\n',
  );
  const unquoted = unquote(text);
  const { prose, returned } = cutReturned(unquoted);
  const inText =
    found.status.length > 0
      ? found.status
      : statusInText(wraps(returned) || forwarded.test(text) ? unquoted : prose);
  if (inText.length === 0 && !found.feedback && depth > 0) {
    // Forwarded as an attachment: the report is the mail inside.
    for (const part of found.nested) {
      const nested = takeApart(parseNested(part), depth - 1);
      if (nested.status.length > 0 || nested.feedback) return nested;
    }
  }
  const attached = found.nested[0] ? parseNested(found.nested[0]).fields : undefined;
  return {
    fields: mail.fields,
    subject: decodeWords(decodeText(first(mail.fields, 'subject') ?? '', null, null)),
    type:
      /report-type="?([\w-]{1,40})/i.exec(first(mail.fields, 'content-type') ?? '')?.[1]?.toLowerCase() ?? '',
    prose: found.status.length > 0 ? prose : prose.replace(/^[ \t]*Reporting-MTA:[^]*/im, ''),
    status: inText,
    feedback: found.feedback ?? feedbackInText(prose),
    original: [attached, found.headers[0], returned].find((fields) => fields && fields.size > 0),
  };
}

interface Found {
  readonly plain: string[];
  readonly html: string[];
  readonly status: Fields[];
  feedback: Fields | undefined;
  readonly nested: Part[];
  readonly headers: Fields[];
}

function collect(part: Part, found: Found): void {
  for (const child of part.children) collect(child, found);
  if (part.children.length > 0) return;
  switch (part.type) {
    case 'message/delivery-status':
    case 'message/global-delivery-status':
      found.status.push(...blocks(textOf(part)));
      return;
    case 'message/feedback-report':
      found.feedback ??= parseFields(textOf(part).replaceAll(/\n\s*\n/g, '\n'));
      return;
    case 'message/rfc822':
    case 'message/global':
      found.nested.push(part);
      return;
    case 'text/rfc822-headers':
    case 'message/rfc822-headers':
    case 'message/global-headers':
      found.headers.push(parseFields(textOf(part)));
      return;
    case 'text/html':
      found.html.push(textOf(part));
      return;
    default:
      if (!part.type.startsWith('text/') && !/^(message\/partial|message|text)$/.test(part.type)) return;
      // A returned mail without a type of its own: its header became the part's header.
      if (part.fields.has('message-id') && part.fields.has('from') && found.plain.length > 0) {
        found.headers.push(part.fields);
      } else {
        found.plain.push(textOf(part));
      }
  }
}

/** Groups of fields with an empty line between them. Only those that name a recipient or a reporter count. */
const blocks = (text: string): Fields[] =>
  text
    .split(/\n[ \t]*\n/)
    .flatMap(perRecipient)
    .map(parseFields)
    .filter((fields) =>
      ['final-recipient', 'original-recipient', 'reporting-mta'].some((name) => fields.has(name)),
    );

/** AOL leaves the empty lines out. */
const perRecipient = (block: string): string[] =>
  (block.match(/^Final-Recipient:/gim)?.length ?? 0) > 1 ? block.split(/^(?=Final-Recipient:)/im) : [block];

/** What comes back is itself a report: somebody's system passed it on below its own words. */
const wraps = (returned: Fields | undefined): boolean =>
  /mailer-?daemon/i.test(first(returned, 'from') ?? '') &&
  /report/.test(first(returned, 'content-type') ?? '');

/** By name: `    suspended: connect to …` goes on with the line above it. */
const indentedField =
  /^[ \t]+(?=(?:(?:final|original)-recipient|action|status|diagnostic-code|(?:remote|reporting|received-from)-mta|(?:arrival|last-attempt)-date|original-envelope-id|x-[\w-]+):)/gim;

/** The status part as text: where a mail client flattened the report, or a server forgot to say what it is. */
function statusInText(prose: string): Fields[] {
  const start = /^[ \t]*Final-Recipient:/im.exec(prose)?.index;
  return start === undefined ? [] : blocks(prose.replaceAll(indentedField, ''));
}

/** The same for a feedback report. */
const feedbackInText = (prose: string): Fields | undefined =>
  /^Feedback-Type:/im.test(prose) && /^(User-Agent|Version):/im.test(prose) ? parseFields(prose) : undefined;

/** Takes `> ` away where most of the text has it: somebody forwarded the report. */
function unquote(text: string): string {
  const lines = text.split('\n');
  const quoted = lines.filter((line) => line.startsWith('>')).length;
  if (quoted * 2 < lines.length) return text;
  return lines.map((line) => line.replace(/^> ?/, '')).join('\n');
}

/** Cuts the text where the returned mail begins, by what mail systems write above it. */
function cutReturned(text: string): { prose: string; returned: Fields | undefined } {
  let at = -1;
  for (const marker of returnedMail) {
    const found = marker.exec(text)?.index ?? -1;
    if (found >= 0 && (at < 0 || found < at)) at = found;
  }
  if (at < 0) return { prose: text, returned: undefined };
  const rest = text.slice(at).replace(/^[^\n]*(follow|original|copy|below|returned|unsent)[^\n]*\n/i, '');
  const header = rest.replace(/^\s*\n/, '').split(/\n[ \t]*\n/, 1)[0] ?? '';
  return {
    prose: text.slice(0, at),
    returned: parseFields(header.replaceAll(/^[ \t]+(?=[A-Z][\w-]*:)/gm, '')),
  };
}
