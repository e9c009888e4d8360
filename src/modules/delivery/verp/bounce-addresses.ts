import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../../platform/crypto/index.js';
import { fromBase32, toBase32 } from './base32.js';

/** Which delivery a bounce is about. */
export interface DeliveryRef {
  /** Its month, `YYYY-MM-01`. */
  readonly bucket: string;
  readonly id: number;
}

/** `bounce-`, then 36 letters and digits: 43 octets of the 64 that a local part may have (RFC 5321 §4.5.3.1.1). */
const PREFIX = 'bounce-';
const LOCAL_PART = /^bounce-([a-z2-7]{36})$/i;
const FIRST_YEAR = 2000;
/** Version, key id, month, delivery. */
const SIGNED_OCTETS = 1 + 2 + 2 + 7;
const VERSION = 1;
/** 80 bits: to guess one address takes a mail for each guess. */
const MAC_OCTETS = 10;

/**
 * The local part of a delivery's own envelope sender (VERP, STANDARDS.md 24). It names the delivery, and is signed: whoever makes
 * one up, or changes one, changes nothing here. No address is in it, upper and lower case are the same, and it outlives a change
 * of keys, because it names its own.
 */
@Injectable()
export class BounceAddresses {
  constructor(private readonly keys: KeyRing) {}

  /** @throws RangeError for a bucket before 2000 or an id that is no safe integer */
  make({ bucket, id }: DeliveryRef): string {
    const { keyId, sign } = this.keys.signer('bounce');
    const octets = Buffer.allocUnsafe(SIGNED_OCTETS);
    octets.writeUInt8(VERSION, 0);
    octets.writeUInt16BE(keyId, 1);
    octets.writeUInt16BE(monthNumber(bucket), 3);
    // In two parts: no write of Buffer's takes seven octets.
    octets.writeUInt32BE(Math.floor(id / 2 ** 24), 5);
    octets.writeUIntBE(id % 2 ** 24, 9, 3);
    return PREFIX + toBase32(Buffer.concat([octets, sign(octets).subarray(0, MAC_OCTETS)]));
  }

  /** The delivery, or undefined when the local part was not made here. Takes the same time for every forgery of one key. */
  read(localPart: string): DeliveryRef | undefined {
    const bytes = fromBase32(LOCAL_PART.exec(localPart)?.[1] ?? '');
    if (bytes?.length !== SIGNED_OCTETS + MAC_OCTETS) return undefined;
    const octets = bytes.subarray(0, SIGNED_OCTETS);
    const expected = this.keys.signerOf('bounce', octets.readUInt16BE(1))?.sign(octets);
    if (!expected || !timingSafeEqual(expected.subarray(0, MAC_OCTETS), bytes.subarray(SIGNED_OCTETS))) {
      return undefined;
    }
    if (octets.readUInt8(0) !== VERSION) return undefined;
    return {
      bucket: bucketOfMonth(octets.readUInt16BE(3)),
      id: octets.readUInt32BE(5) * 2 ** 24 + octets.readUIntBE(9, 3),
    };
  }
}

function monthNumber(bucket: string): number {
  const [year = '', month = ''] = bucket.split('-');
  return (Number(year) - FIRST_YEAR) * 12 + Number(month) - 1;
}

function bucketOfMonth(number: number): string {
  const year = FIRST_YEAR + Math.floor(number / 12);
  return `${year}-${String((number % 12) + 1).padStart(2, '0')}-01`;
}
