import { joined } from '../slab.js';
import { boundaryOf, lastBoundary, targetOf } from './body-part.js';
import { inOrder, mimeFields, type Mail } from './compose-mime.js';
import { dateField, mailboxField, messageIdField, readyField, textField } from './header-field.js';
import { PreparedPart } from './prepared-part.js';

/** What many mails have in common. */
export interface CommonMail extends Pick<Mail, 'from' | 'replyTo'> {
  /** Makes the boundary. */
  readonly unique: string;
  /** Null where it is not the same in all of them. */
  readonly subject: string | null;
  /** As in `Mail`, null for those that are not the same in all of them. */
  readonly fields: Readonly<Record<string, string | null>>;
  /** What stands around the values of this part: one more than there are values. */
  readonly text: readonly string[];
  readonly html: readonly string[];
}

/** What one of them has for itself. */
export interface OwnMail extends Pick<Mail, 'to' | 'subject' | 'date' | 'messageId' | 'fields'> {
  /** The values of this part, or the whole part where it is another one. */
  readonly text: readonly string[] | string;
  readonly html: readonly string[] | string;
}

/** For the header and the lines around the parts; more is added where To is long. */
const MARGIN = 8192;

/**
 * Many mails that differ in a few values: everything else is encoded once. Each reads as what `composeMime` makes of it, and keeps
 * the same rules.
 */
export class PreparedMail {
  private readonly from: string;
  private readonly replyTo: string;
  private readonly subject: string | null;
  /** Fields that are the same in all mails, in lines, and the names of the others. */
  private readonly further: readonly ({ lines: string } | { name: string })[];
  private readonly mime: string;
  private readonly text: PreparedPart;
  private readonly html: PreparedPart;
  private readonly end: string;
  private readonly date = { second: NaN, line: '' };

  /** @throws MimeError that names the field which cannot be written */
  constructor(common: CommonMail) {
    const boundary = boundaryOf(common.unique);
    this.from = mailboxField('From', [common.from]);
    this.replyTo = mailboxField('Reply-To', common.replyTo ?? []);
    this.subject = common.subject === null ? null : textField('Subject', common.subject);
    this.further = Object.entries(common.fields).map(([name, value]) =>
      value === null ? { name } : { lines: readyField(name, value) },
    );
    this.mime = mimeFields(boundary);
    this.text = new PreparedPart(boundary, 'text/plain', common.text);
    this.html = new PreparedPart(boundary, 'text/html', common.html);
    this.end = lastBoundary(boundary);
  }

  /** @throws MimeError as `composeMime` does */
  compose(own: OwnMail): Buffer {
    const head = this.headOf(own);
    const target = targetOf(head.length * 3 + MARGIN + this.text.room(own.text) + this.html.room(own.html));
    let at = target.write(head, 'utf8');
    at = this.text.write(target, at, own.text);
    at = this.html.write(target, at, own.html);
    at += target.write(this.end, at, 'latin1');
    return joined(target.subarray(0, at));
  }

  private headOf(own: OwnMail): string {
    return inOrder({
      from: this.from,
      to: mailboxField('To', own.to),
      cc: '',
      replyTo: this.replyTo,
      subject: this.subject ?? textField('Subject', own.subject),
      date: this.dateLine(own.date),
      messageId: messageIdField(own.messageId),
      further: this.furtherLines(own.fields),
      mime: this.mime,
    });
  }

  private furtherLines(own: Readonly<Record<string, string>>): string {
    let lines = '';
    for (const field of this.further)
      lines += 'lines' in field ? field.lines : readyField(field.name, own[field.name] ?? '');
    return lines;
  }

  private dateLine(date: Date): string {
    const second = Math.floor(date.getTime() / 1000);
    if (second !== this.date.second) {
      this.date.second = second;
      this.date.line = dateField(date);
    }
    return this.date.line;
  }
}
