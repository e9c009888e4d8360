import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { KeyRing, SignedLocalParts } from '../../../platform/crypto/index.js';

/** Which subscription ends, and the mail that carried the address; null where it was not a delivery's. */
export interface LeaveRef {
  readonly subscriptionId: string;
  readonly deliveryId: number | null;
}

/** Of a mail that a mail program makes of the URL; lower case. */
export const LEAVE_SUBJECT = 'unsubscribe';

const UUID_OCTETS = 16;
/** 2^48 deliveries: a million a day for 700,000 years. With them the local part has 62 octets of the 64. */
const DELIVERY_OCTETS = 6;

/** Addresses to which any mail ends one subscription (the mailto of RFC 2369), signed as the envelope senders are. */
@Injectable()
export class LeaveAddresses {
  private readonly localParts: SignedLocalParts;
  private readonly domain: string | undefined;

  constructor({ env }: Config, keys: KeyRing) {
    this.localParts = new SignedLocalParts(keys, 'leave', 'leave-', UUID_OCTETS + DELIVERY_OCTETS);
    // An address that nothing listens to would be worse than none.
    this.domain = env.INBOUND_SMTP_PORT === undefined ? undefined : env.BOUNCE_DOMAIN;
  }

  /** Whether mail is received here at all. */
  get areOpen(): boolean {
    return this.domain !== undefined;
  }

  /** A mailto URL; null where no mail is received (BOUNCE_DOMAIN and INBOUND_SMTP_PORT). */
  mailto(subscription: LeaveRef): string | null {
    return this.domain === undefined
      ? null
      : `mailto:${this.make(subscription)}@${this.domain}?subject=${LEAVE_SUBJECT}`;
  }

  make({ subscriptionId, deliveryId }: LeaveRef): string {
    const octets = Buffer.alloc(UUID_OCTETS + DELIVERY_OCTETS);
    octets.write(subscriptionId.replaceAll('-', ''), 'hex');
    octets.writeUIntBE(deliveryId ?? 0, UUID_OCTETS, DELIVERY_OCTETS);
    return this.localParts.make(octets);
  }

  /** The subscription, or undefined when the local part was not made here. */
  read(localPart: string): LeaveRef | undefined {
    const octets = this.localParts.read(localPart);
    if (!octets) return undefined;
    const hex = octets.toString('hex', 0, UUID_OCTETS);
    const deliveryId = octets.readUIntBE(UUID_OCTETS, DELIVERY_OCTETS);
    return {
      subscriptionId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
      deliveryId: deliveryId === 0 ? null : deliveryId,
    };
  }
}
