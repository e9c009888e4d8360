import { createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * What is wrong with a relay's URL, or undefined. A `/`, `?` or `#` in a password ends the host, and mail would go to another
 * one: such a password must be percent-encoded.
 */
export function relayProblem(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url || !/^smtps?:\/\/[^\s/]+/.test(value)) {
    return 'must look like smtp://user:password@host:587 or smtps://host:465';
  }
  const { pathname, hash, searchParams, username, password } = url;
  const unknown = [...searchParams.keys()].find((key) => key !== 'tls' && key !== 'verify');
  if (pathname.length > 1 || hash !== '' || unknown !== undefined) {
    return 'only ?tls= and ?verify= may follow the host; special characters in a password must be percent-encoded';
  }
  if (!isPercentEncoded(username + password)) {
    return 'has a % in user or password that begins no percent-encoded character';
  }
  const tls = searchParams.get('tls') ?? 'opportunistic';
  return /^(required|opportunistic|off)$/.test(tls)
    ? undefined
    : `tls must be required, opportunistic or off, not "${tls}"`;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** `false`, `true`, a number of hops, or addresses and networks (`10.0.0.0/8`) with commas between. */
export function isTrustProxy(value: string): boolean {
  return /^\s*(true|false|\d+)\s*$/.test(value) || value.split(',').every((part) => isNetwork(part.trim()));
}

/** IP addresses with or without a port, with commas between: `127.0.0.1:5353,[::1]:53,9.9.9.9`. */
export function isServerList(value: string): boolean {
  return value.split(',').every((part) => {
    const [, bracketed, plain, port = '53'] =
      /^(?:\[([^\]]+)\]|([^:]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(part.trim()) ?? [];
    return isIP(bracketed ?? plain ?? '') !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
  });
}

/** `name:password`, or several with commas between; neither is empty, and no guess finds it soon. */
export function isCredentialList(value: string): boolean {
  return value.split(',').every((part) => /^[^:,]+:[^,]+$/.test(part.trim()) && part.trim().length >= 8);
}

export function isTopicList(value: string): boolean {
  return value.split(',').every((part) => /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(part.trim()));
}

/** Base64 of a SubjectPublicKeyInfo (RFC 5280) with a key on the curve P-256. */
export function isP256PublicKey(value: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(value, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '1', ...rest] = text.split('/');
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return rest.length === 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= longest;
}
