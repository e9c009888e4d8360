import type { CallOptions, Client } from '../client.js';
import type { AcceptedEmail, Email, EmailPage, EmailSearch, NewEmail } from '../openapi.js';
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

export class Emails {
  constructor(private readonly client: Client) {}

  /** Answers once the mail is stored. @throws PostriderError 422 that names a missing variable or a wrong field */
  send<const Name extends string>(email: EmailToSend<Name>, options?: CallOptions): Promise<AcceptedEmail> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails'], body: email }, options);
  }

  /** What became of it: each recipient's state, the server's words, the history. */
  get(id: string, options?: CallOptions): Promise<Email> {
    return this.client.call({ method: 'GET', path: ['v1', 'emails', id] }, options);
  }

  /** The message log, newest first; `after` is the id of the last mail of the page before. */
  search(search: EmailSearch = {}, options?: CallOptions): Promise<EmailPage> {
    return this.client.call({ method: 'POST', path: ['v1', 'emails', 'search'], body: search }, options);
  }
}
