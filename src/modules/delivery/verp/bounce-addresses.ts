import { Injectable } from '@nestjs/common';
import { KeyRing, SignedLocalParts } from '../../../platform/crypto/index.js';

/** Which delivery a bounce is about. */
export interface DeliveryRef {
  /** Its month, `YYYY-MM-01`. */
  readonly bucket: string;
  readonly id: number;
}

const FIRST_YEAR = 2000;
/** Month and delivery: 43 octets in all. */
const OCTETS = 2 + 7;

/**
 * The local part of a delivery's own envelope sender (VERP, STANDARDS.md 24). It names the delivery, and is signed: whoever makes
 * one up, or changes one, changes nothing here. No address is in it.
 */
@Injectable()
export class BounceAddresses {
  private readonly localParts: SignedLocalParts;

  constructor(keys: KeyRing) {
    this.localParts = new SignedLocalParts(keys, 'bounce', 'bounce-', OCTETS);
  }

  /** @throws RangeError for a bucket before 2000 or an id that is no safe integer */
  make({ bucket, id }: DeliveryRef): string {
    const octets = Buffer.allocUnsafe(OCTETS);
    octets.writeUInt16BE(monthNumber(bucket), 0);
    // In two parts: no write of Buffer's takes seven octets.
    octets.writeUInt32BE(Math.floor(id / 2 ** 24), 2);
    octets.writeUIntBE(id % 2 ** 24, 6, 3);
    return this.localParts.make(octets);
  }

  /** The delivery, or undefined when the local part was not made here. */
  read(localPart: string): DeliveryRef | undefined {
    const octets = this.localParts.read(localPart);
    if (!octets) return undefined;
    return {
      bucket: bucketOfMonth(octets.readUInt16BE(0)),
      id: octets.readUInt32BE(2) * 2 ** 24 + octets.readUIntBE(6, 3),
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
