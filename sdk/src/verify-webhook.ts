import { PostriderError } from './error.js';
import type { WebhookEvent } from './webhook-events.js';

/** Headers as fetch has them, or as Node has them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Standard Webhooks: older (or newer) than this is a replay. */
const TOLERANCE_SECONDS = 300;

/**
 * Whether Postrider sent this, and what it says (Standard Webhooks 1.0.0). A message can come twice: remember `webhook-id`.
 * @param payload the body as it came, before anything parsed it
 * @param secret `whsec_…`, as the endpoint's creation answered it
 * @param now for tests
 * @throws PostriderError `invalid_webhook`: answer 401 and do nothing
 */
export async function verifyWebhook(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  now: Date = new Date(),
): Promise<WebhookEvent> {
  const id = header(headers, 'webhook-id');
  const time = header(headers, 'webhook-timestamp');
  const age = now.getTime() / 1_000 - Number(time);
  if (!/^\d+$/.test(time) || Math.abs(age) > TOLERANCE_SECONDS)
    throw invalid(`webhook-timestamp ${time} is not of the last ${TOLERANCE_SECONDS} seconds`);
  const body = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
  const key = await keyOf(secret);
  const signed = new TextEncoder().encode(`${id}.${time}.${body}`);
  // One for each secret, while a secret is replaced.
  for (const signature of header(headers, 'webhook-signature').split(' ')) {
    const bytes = signature.startsWith('v1,') ? bytesOf(signature.slice('v1,'.length)) : undefined;
    // WebCrypto compares in constant time.
    if (bytes && (await crypto.subtle.verify('HMAC', key, bytes, signed))) return eventOf(body);
  }
  throw invalid('no signature in webhook-signature is made with this secret over this body');
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== 'string' || value === '') throw invalid(`the header ${name} is missing`);
  return value;
}

async function keyOf(secret: string) {
  const bytes = bytesOf(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0)
    throw new TypeError('Postrider: the webhook secret must be whsec_… (base64)');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

/** undefined for what is no base64 */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function eventOf(body: string): WebhookEvent {
  try {
    return JSON.parse(body) as WebhookEvent;
  } catch (cause) {
    throw invalid('the body is no JSON', cause);
  }
}

function invalid(message: string, cause?: unknown): PostriderError {
  return new PostriderError({ statusCode: null, name: 'invalid_webhook', message, cause });
}
