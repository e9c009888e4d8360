import { timingSafeEqual } from 'node:crypto';
import { fromBase32, toBase32 } from './base32.js';
import type { KeyRing } from './key-ring.js';
import type { KeyPurpose } from './key-store.js';

const VERSION = 1;
/** Version and key id. */
const HEAD_OCTETS = 1 + 2;
/** 80 bits: to guess one address takes a mail for each guess. */
const MAC_OCTETS = 10;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART = 64;

/**
 * Local parts of addresses that only this install can make: a prefix, then version, key id, what they name, and a signature, in base
 * 32. Upper and lower case are the same, since mail servers may change it, and they outlive a change of keys, because they name their own.
 */
export class SignedLocalParts {
  private readonly form: RegExp;

  /**
   * @param prefix in lower case, such as `bounce-`
   * @param octets what each of them names takes exactly so many
   * @throws RangeError where that is too long for a local part
   */
  constructor(
    private readonly keys: KeyRing,
    private readonly purpose: KeyPurpose,
    private readonly prefix: string,
    private readonly octets: number,
  ) {
    const letters = Math.ceil(((HEAD_OCTETS + octets + MAC_OCTETS) * 8) / 5);
    if (prefix.length + letters > MAX_LOCAL_PART) throw new RangeError(`${prefix} is too long a local part`);
    this.form = new RegExp(`^${prefix}([a-z2-7]{${letters}})$`, 'i');
  }

  make(named: Buffer): string {
    if (named.length !== this.octets) throw new RangeError(`${this.prefix} names ${this.octets} octets`);
    const { keyId, sign } = this.keys.signer(this.purpose);
    const signed = Buffer.allocUnsafe(HEAD_OCTETS + this.octets);
    signed.writeUInt8(VERSION, 0);
    signed.writeUInt16BE(keyId, 1);
    named.copy(signed, HEAD_OCTETS);
    return this.prefix + toBase32(Buffer.concat([signed, sign(signed).subarray(0, MAC_OCTETS)]));
  }

  /** What it names; undefined when it was not made here. Takes the same time for every forgery of one key. */
  read(localPart: string): Buffer | undefined {
    const bytes = fromBase32(this.form.exec(localPart)?.[1] ?? '');
    const end = HEAD_OCTETS + this.octets;
    if (bytes?.length !== end + MAC_OCTETS) return undefined;
    const signed = bytes.subarray(0, end);
    const expected = this.keys.signerOf(this.purpose, signed.readUInt16BE(1))?.sign(signed);
    if (!expected || !timingSafeEqual(expected.subarray(0, MAC_OCTETS), bytes.subarray(end)))
      return undefined;
    return signed.readUInt8(0) === VERSION ? signed.subarray(HEAD_OCTETS) : undefined;
  }
}
