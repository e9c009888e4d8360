import type { List, Sender } from '../../lists/index.js';
import type { FormLetter, PreparedTemplate } from '../../templates/index.js';
import { newsHeaders, ownNewsHeaders } from '../headers.js';
import { newsVariables } from '../mail-variables.js';
import { PreparedMail } from '../mime/prepared-mail.js';

/** What all mails of a news letter have in common. */
export interface NewsLetterFacts {
  readonly batch: { readonly id: string; readonly name: string };
  readonly sender: Sender;
  readonly list: Pick<List, 'slug' | 'name'>;
  readonly template: PreparedTemplate;
}

export interface NewsRecipient {
  readonly deliveryId: number;
  readonly name: string | null;
  readonly address: string;
  /** IANA name. */
  readonly timezone: string;
  readonly links: { readonly preferences: string; readonly unsubscribe: string };
}

/** What differs from one recipient to the next; all else in `newsVariables` is filled and encoded once. */
const PERSONAL = ['recipient.name', 'links.preferences', 'links.unsubscribe'];

/**
 * The mails of one batch to those who read one list in one language: one form letter (`FormLetter`), in one prepared mail
 * (`PreparedMail`), and per recipient the values that go into it. 10 µs a mail; making it costs about a millisecond.
 */
export class NewsLetter {
  private readonly form: FormLetter;
  private readonly mail: PreparedMail;
  private readonly variables: ReturnType<typeof newsVariables>;

  /** @throws MimeError for a name or an address of the sender that cannot stand in a mail */
  constructor(private readonly facts: NewsLetterFacts) {
    const { batch, sender, list, template } = facts;
    this.variables = newsVariables({
      sender,
      recipient: { name: null, locale: template.locale },
      links: { preferences: '', unsubscribe: '' },
      list,
      campaignName: batch.name,
    });
    this.form = template.formLetter(this.variables, PERSONAL);
    this.mail = new PreparedMail({
      unique: batch.id,
      from: { name: sender.fromName ?? '', address: sender.fromAddress },
      replyTo: sender.replyTo ? [{ name: '', address: sender.replyTo }] : [],
      subject: this.form.subject,
      fields: newsHeaders({ campaignId: batch.id, list, sender }),
      text: this.form.text,
      html: this.form.html,
    });
  }

  /** @throws TemplateError or MimeError where a value is missing or can stand in no mail */
  to({ deliveryId, name, address, timezone, links }: NewsRecipient, date: Date): Buffer {
    const { batch, sender, template } = this.facts;
    const variables = {
      ...this.variables,
      recipient: { name, locale: template.locale },
      links: { ...this.variables.links, ...links },
    };
    return this.mail.compose({
      ...this.form.fill(variables, { timezone }),
      to: [{ name: name ?? '', address }],
      date,
      messageId: `${batch.id}.${deliveryId}@${sender.domain}`,
      fields: ownNewsHeaders(links.unsubscribe, deliveryId),
    });
  }
}
