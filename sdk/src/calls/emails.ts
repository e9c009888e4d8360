import type { CallOptions, Client } from '../client.js';
import type {
  AcceptedEmail,
  CancelledEmail,
  Email,
  EmailBatchAnswer,
  EmailPage,
  EmailSearch,
  NewEmail,
  ResentEmail,
} from '../openapi.js';
import type { TemplateVariables } from '../templates.js';

/** What a template needs: known of the built-in ones; of your own templates Postrider checks it when the mail is sent. */
type VariablesOf<Name extends string> = Name extends keyof TemplateVariables
  ? { variables: TemplateVariables[Name] }
  : { variables?: Record<string, unknown> };

/** A mail from a template, or with a subject and a body of its own. */
export type EmailToSend<Name extends string = string> = Omit<
  NewEmail,
  'template' | 'variables' | 'subject' | 'html' | 'mjml' | 'text'
> &
  (
    | ({ template: Name; subject?: never; html?: never; mjml?: never; text?: never } & VariablesOf<Name>)
    | (Pick<NewEmail, 'html' | 'mjml' | 'text'> & { subject: string; template?: never; variables?: never })
  );

/** A mail from one of these templates, with the variables of this one. */
type OneOf<Name extends string> = { template?: Name } & (Name extends unknown ? EmailToSend<Name> : never);

export class Emails {
  constructor(private readonly client: Client) {}

  /** Answers once the mail is stored. @throws PostriderError 422 that names a missing variable or a wrong field */
  send<const Name extends string>(email: EmailToSend<Name>, options?: CallOptions): Promise<AcceptedEmail> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails'], body: email }, options);
  }

  /** Up to 100 mails. Each has an answer of its own, in this order; a mistake in one costs the others nothing. */
  batch<const Name extends string>(
    emails: readonly OneOf<Name>[],
    options?: CallOptions,
  ): Promise<EmailBatchAnswer> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails', 'batch'], body: { emails } }, options);
  }

  /** What became of it: each recipient's state, the server's words, the history. */
  get(id: string, options?: CallOptions): Promise<Email> {
    return this.client.call({ method: 'GET', path: ['v1', 'emails', id] }, options);
  }

  /** The message log, newest first; `after` is the id of the last mail of the page before. */
  search(search: EmailSearch = {}, options?: CallOptions): Promise<EmailPage> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails', 'search'], body: search }, options);
  }

  /** Whoever waits for it does not get it. @throws PostriderError 409 where it is too late */
  cancel(id: string, options?: CallOptions): Promise<CancelledEmail> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails', id, 'cancel'] }, options);
  }

  /** A new mail with the same content to the same people. @throws PostriderError 409 while it is on its way, or once its content is gone */
  resend(id: string, options?: CallOptions): Promise<ResentEmail> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails', id, 'resend'] }, options);
  }
}
