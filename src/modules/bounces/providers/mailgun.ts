import { createHmac, timingSafeEqual } from 'node:crypto';
import { mailgunFormEvent } from './mailgun-form.js';
import { mailgunEvent } from './mailgun-event.js';
import { isObject, objectAt, textAt, timeAt, type Json } from './fields.js';
import { Unproven, type MailProvider, type Proven, type Told } from './mail-provider.js';

/**
 * Mailgun signs a time and a token, not what it tells: so a token is good for one content only. JSON, or the form of its older
 * webhooks, which accounts from before 2018 may still send.
 */
export const mailgun: MailProvider = {
  name: 'mailgun',
  authSetting: 'MAILGUN_WEBHOOK_AUTH',
  keySetting: 'MAILGUN_WEBHOOK_SIGNING_KEY',
  alwaysSigns: true,

  async prove({ body }, keys = '') {
    if (!isObject(body)) throw new Unproven('it is neither a JSON object nor a form', true);
    const { token, timestamp, signature } = signatureOf(body);
    if (token === undefined || timestamp === undefined || signature === undefined) {
      throw new Unproven('it is not signed');
    }
    const given = Buffer.from(signature, 'hex');
    const isFrom = (key: string): boolean => {
      const expected = createHmac('sha256', key.trim())
        .update(timestamp + token)
        .digest();
      return given.length === expected.length && timingSafeEqual(given, expected);
    };
    if (!keys.split(',').some(isFrom)) {
      throw new Unproven(
        'the signature does not match: is MAILGUN_WEBHOOK_SIGNING_KEY the one of this account?',
      );
    }
    const signedAt = timeAt({ timestamp }, 'timestamp') ?? new Date(Number.NaN);
    return {
      content: objectAt(body, 'event-data') ? body : fieldsOf(body),
      signedAt,
      nonce: token,
    } satisfies Proven;
  },

  read(content): Told {
    if (!isObject(content)) return { events: [], nothing: 'no JSON object' };
    const { token } = signatureOf(content);
    const data = objectAt(content, 'event-data');
    return { events: [data ? mailgunEvent(data, token) : mailgunFormEvent(content, token)] };
  },
};

interface Signature {
  readonly token: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks */
function signatureOf(body: Json): Signature {
  const nested = objectAt(body, 'signature');
  // In a form the variables of a mail stand beside Mailgun's own fields and may be called like them; the signature comes last.
  const read = (name: string) =>
    nested ? textAt(nested, name) : textAt({ [name]: lastOf(body[name]) }, name);
  return { token: read('token'), timestamp: read('timestamp'), signature: read('signature') };
}

/** A form without its files: Mailgun sends along what came back. */
function fieldsOf(form: Json): Json {
  const isText = (value: unknown): boolean => typeof value === 'string';
  return Object.fromEntries(
    Object.entries(form).filter(([, value]) => (Array.isArray(value) ? value.every(isText) : isText(value))),
  );
}

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);
