import type { KeyRing } from '../../platform/crypto/index.js';

/** What `postrider doctor` makes up for each look. */
export function isNonce(text: string): boolean {
  return /^[\w-]{22,64}$/.test(text);
}

/** What only this install can answer to a nonce: made with a key that serves nothing else, so that it says nothing of the others. */
export function installProof(keys: Pick<KeyRing, 'hash'>, nonce: string): string {
  return keys.hash('install', nonce).toString('base64url');
}
