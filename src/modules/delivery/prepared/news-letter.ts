import type { List, Sender } from '../../lists/index.js';
import type { FormLetter, PreparedTemplate } from '../../templates/index.js';
import type { NoticeVariables } from '../delivery.types.js';
import { PreparedMail } from '../mime/prepared-mail.js';
import { newsKind, noticeKind, type LetterKind, type LetterLinks } from './letter-kinds.js';

/** What all mails of a news letter have in common. */
export interface NewsLetterFacts {
  readonly batch: { readonly id: string; readonly name: string; readonly variables?: NoticeVariables | null };
  readonly sender: Sender;
  /** Null for a notice. */
  readonly list: Pick<List, 'slug' | 'name'> | null;
  readonly template: PreparedTemplate;
  /** Whether each recipient has an address to leave by mail; the foot asks for it, so it is settled once where none has. */
  readonly leaveByMail: boolean;
}

export interface NewsRecipient {
  readonly deliveryId: number;
  readonly name: string | null;
  readonly address: string;
  /** IANA name. */
  readonly timezone: string;
  readonly links: LetterLinks;
}

/**
 * The mails of one batch to those who read one list (a notice: no list) in one language: one form letter (`FormLetter`), in one prepared mail
 * (`PreparedMail`), and per recipient the values that go into it. 10 µs a mail; making it costs about a millisecond.
 */
export class NewsLetter {
  private readonly form: FormLetter;
  private readonly mail: PreparedMail;
  private readonly kind: LetterKind;

  /** @throws MimeError for a name or an address of the sender that cannot stand in a mail */
  constructor(private readonly facts: NewsLetterFacts) {
    const { batch, sender, list, template, leaveByMail } = facts;
    const common = { batch, sender, locale: template.locale, leaveByMail };
    this.kind = list ? newsKind(common, list) : noticeKind(common);
    this.form = template.formLetter(this.kind.variables, this.kind.personal);
    this.mail = new PreparedMail({
      unique: batch.id,
      from: { name: sender.fromName ?? '', address: sender.fromAddress },
      replyTo: sender.replyTo ? [{ name: '', address: sender.replyTo }] : [],
      subject: this.form.subject,
      fields: this.kind.fields,
      text: this.form.text,
      html: this.form.html,
    });
  }

  /** @throws TemplateError or MimeError where a value is missing or can stand in no mail */
  to({ deliveryId, name, address, timezone, links }: NewsRecipient, date: Date): Buffer {
    const { batch, sender, template } = this.facts;
    const variables = {
      ...this.kind.variables,
      recipient: { name, locale: template.locale },
      links: { ...this.kind.variables.links, ...links },
    };
    return this.mail.compose({
      ...this.form.fill(variables, { timezone }),
      to: [{ name: name ?? '', address }],
      date,
      messageId: `${batch.id}.${deliveryId}@${sender.domain}`,
      fields: this.kind.ownFields(links, deliveryId),
    });
  }
}
