import type { IncomingHttpHeaders } from 'node:http';
import type { MailEvent } from '../mail-event.js';

export const providerNames = ['ses', 'sendgrid', 'postmark', 'mailgun'] as const;
export type ProviderName = (typeof providerNames)[number];

/** A webhook as it came. */
export interface MailHook {
  readonly headers: IncomingHttpHeaders;
  /** What signatures are over; empty where a multipart form came, which none of these signs. */
  readonly raw: Buffer;
  /** JSON, or text, or the fields of a form. */
  readonly body: unknown;
}

/** A webhook that its provider has sent. */
export interface Proven {
  /** JSON: what is stored, and what `read` is given later. */
  readonly content: unknown;
  /** When it was signed; null where that is not signed. An invalid date where the signed time cannot be read. */
  readonly signedAt: Date | null;
  /** What is signed instead of the content, and so must not be seen with another one. */
  readonly nonce: string | null;
}

/** What a webhook tells. */
export interface Told {
  readonly events: readonly MailEvent[];
  /** Why there is nothing to do, where there are no events. */
  readonly nothing?: string;
  /** To be visited once, to confirm that the webhooks are wanted. */
  readonly confirm?: URL;
}

/** A webhook that proves nothing, or that cannot be read. The message is for whoever set it up. */
export class Unproven extends Error {
  override readonly name = 'Unproven';

  /** @param malformed it is no webhook of this provider at all, forged or not */
  constructor(
    message: string,
    readonly malformed = false,
  ) {
    super(message);
  }
}

/** Whether a webhook is genuine could not be found out now: it is to be sent again. A 4xx would be taken for the last word. */
export class Unchecked extends Error {
  override readonly name = 'Unchecked';
}

/** One provider, one file: how its webhooks prove where they come from, and what they say. */
export interface MailProvider {
  readonly name: ProviderName;
  /** The setting with name and password for HTTP basic authentication; where it is set, it must hold. */
  readonly authSetting:
    | 'SES_WEBHOOK_AUTH'
    | 'SENDGRID_WEBHOOK_AUTH'
    | 'POSTMARK_WEBHOOK_AUTH'
    | 'MAILGUN_WEBHOOK_AUTH';
  /** The setting of its own scheme; where it is set, this must hold as well. */
  readonly keySetting?: 'SES_TOPIC_ARNS' | 'SENDGRID_WEBHOOK_PUBLIC_KEY' | 'MAILGUN_WEBHOOK_SIGNING_KEY';
  /** It always signs, so that a password alone does not do. */
  readonly alwaysSigns?: true;
  /**
   * Checks the signature where there is a key, in constant time where it is a secret.
   * @param key the value of `keySetting`
   * @throws {Unproven, Unchecked}
   */
  prove(hook: MailHook, key: string | undefined): Promise<Proven>;
  /** Every event in it, in its order. Takes whatever has been stored, and never throws for what is missing or odd. */
  read(content: unknown): Told;
}
