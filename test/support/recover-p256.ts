import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * A public key under which a recorded signature holds: from an ECDSA signature and what it signs the key can be computed (SEC 1 §4.1.6),
 * so a recorded request can be checked whose key nobody wrote down.
 */

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const A = P - 3n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

type Point = readonly [x: bigint, y: bigint] | undefined;
const G: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

/**
 * @param signature in DER
 * @returns base64 of the key's SubjectPublicKeyInfo, as SendGrid shows it
 */
export function recoverPublicKey(signed: Buffer, signature: Buffer): string {
  const [r, s] = integersOf(signature);
  const hash = BigInt(`0x${createHash('sha256').update(signed).digest('hex')}`);
  const y = power(modulo(r * r * r + A * r + B, P), (P + 1n) / 4n, P);
  const inverse = power(r, N - 2n, N);
  const key = add(times(modulo(s * inverse, N), [r, y]), times(modulo(-hash * inverse, N), G));
  if (!key) throw new Error('No key fits');
  // SubjectPublicKeyInfo of an uncompressed point on prime256v1.
  const header = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
  const der = Buffer.from(`${header}04${hex(key[0])}${hex(key[1])}`, 'hex');
  if (!verify('sha256', signed, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)) {
    throw new Error('The signature is none');
  }
  return der.toString('base64');
}

/** SEQUENCE { INTEGER r, INTEGER s }. */
function integersOf(der: Buffer): [bigint, bigint] {
  const length = der[3] ?? 0;
  const read = (from: number, octets: number) =>
    BigInt(`0x${der.subarray(from, from + octets).toString('hex')}`);
  return [read(4, length), read(6 + length, der[5 + length] ?? 0)];
}

function add(one: Point, other: Point): Point {
  if (!one) return other;
  if (!other) return one;
  const [x1, y1] = one;
  const [x2, y2] = other;
  if (x1 === x2 && modulo(y1 + y2, P) === 0n) return undefined;
  const slope =
    x1 === x2
      ? (3n * x1 * x1 + A) * power(modulo(2n * y1, P), P - 2n, P)
      : (y2 - y1) * power(modulo(x2 - x1, P), P - 2n, P);
  const x = modulo(slope * slope - x1 - x2, P);
  return [x, modulo(slope * (x1 - x) - y1, P)];
}

function times(count: bigint, point: Point): Point {
  let sum: Point;
  for (let rest = count, doubled = point; rest > 0n; rest >>= 1n, doubled = add(doubled, doubled)) {
    if (rest & 1n) sum = add(sum, doubled);
  }
  return sum;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus;
  }
  return result;
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;
const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
