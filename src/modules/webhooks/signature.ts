import { createHmac, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** The bytes of a new secret (Standard Webhooks asks for 24 to 64). */
export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** Several secrets are kept as one, each of the same length. */
export function secretsIn(joined: Buffer): Buffer[] {
  return Array.from({ length: joined.length / SECRET_BYTES }, (_, index) =>
    joined.subarray(index * SECRET_BYTES, (index + 1) * SECRET_BYTES),
  );
}

/** A secret as its owner sees it, once. */
export function showSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

/**
 * The header `webhook-signature` (Standard Webhooks 1.0.0): one signature per secret, so that a receiver may hold either while
 * a secret is replaced. @param seconds when this attempt was made, as `webhook-timestamp` says it
 */
export function signatures(secrets: readonly Buffer[], id: string, seconds: number, body: string): string {
  return secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`)
    .join(' ');
}
