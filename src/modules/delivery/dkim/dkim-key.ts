import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export const dkimAlgorithms = ['rsa-sha256', 'ed25519-sha256'] as const;
export type DkimAlgorithm = (typeof dkimAlgorithms)[number];

/** RFC 8301 §3.2; longer ones make records that some DNS forms do not take. */
const RSA_BITS = 2048;
/** RFC 1035 §3.3: one character-string of a TXT record. */
const STRING_OCTETS = 255;

const makePair = promisify(generateKeyPair);

/** A private key as PKCS #8 DER; 0.1 to 1 s for RSA, off the main thread. */
export async function makeDkimKey(algorithm: DkimAlgorithm): Promise<Buffer> {
  const { privateKey } =
    algorithm === 'rsa-sha256'
      ? await makePair('rsa', { modulusLength: RSA_BITS })
      : await makePair('ed25519', undefined);
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** @throws when it is no key of this algorithm, or an RSA key under 2048 bits */
export function readDkimKey(algorithm: DkimAlgorithm, der: Buffer): KeyObject {
  const key = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
  const fits =
    algorithm === 'rsa-sha256'
      ? key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS
      : key.asymmetricKeyType === 'ed25519';
  if (!fits) throw new Error(`This is no DKIM key for ${algorithm} (RSA needs ${RSA_BITS} bits)`);
  return key;
}

export interface DnsRecord {
  /** `selector._domainkey.domain` */
  readonly name: string;
  /** The TXT record's text in strings of at most 255 octets, which whoever reads it joins. */
  readonly strings: readonly string[];
}

/** The TXT record that makes the public key known (RFC 6376 §3.6.1, RFC 8463 §4.2). */
export function dnsRecord(key: {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly privateKey: KeyObject;
}): DnsRecord {
  const type = key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  const text = `v=DKIM1; k=${type}; p=${publicKeyOf(key.privateKey).toString('base64')}`;
  return {
    name: `${key.selector}._domainkey.${key.domain}`,
    strings: text.match(new RegExp(`.{1,${STRING_OCTETS}}`, 'g')) ?? [],
  };
}

/** RSA as SubjectPublicKeyInfo (what every verifier reads), Ed25519 as its 32 octets. */
function publicKeyOf(privateKey: KeyObject): Buffer {
  const publicKey = createPublicKey(privateKey);
  return publicKey.asymmetricKeyType === 'ed25519'
    ? Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    : publicKey.export({ type: 'spki', format: 'der' });
}
