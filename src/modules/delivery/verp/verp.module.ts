import { Module } from '@nestjs/common';
import { BounceAddresses } from './bounce-addresses.js';
import { EnvelopeSenders } from './envelope-senders.js';

/** Envelope senders: made for what goes out, read from what comes back. */
@Module({ providers: [BounceAddresses, EnvelopeSenders], exports: [BounceAddresses, EnvelopeSenders] })
export class VerpModule {}
