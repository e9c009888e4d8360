import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { BounceAddresses, type DeliveryRef } from './bounce-addresses.js';

/** `verp`: an address for each delivery; `fixed`: one for all, where a relay takes no other. */
export type EnvelopeMode = 'verp' | 'fixed';

/** Where reports about a mail that could not be delivered go: the envelope sender (RFC 5321 §4.4, Return-Path). */
@Injectable()
export class EnvelopeSenders {
  private readonly domain: string | undefined;

  constructor(
    { env }: Config,
    private readonly addresses: BounceAddresses,
  ) {
    this.domain = env.BOUNCE_DOMAIN;
  }

  /** Without BOUNCE_DOMAIN nothing here would hear the answer, so it goes to the sender's own address. */
  envelopeSender(
    sender: { readonly fromAddress: string },
    delivery: DeliveryRef,
    mode: EnvelopeMode,
  ): string {
    if (this.domain === undefined) return sender.fromAddress;
    return `${mode === 'verp' ? this.addresses.make(delivery) : 'bounces'}@${this.domain}`;
  }
}
