import { Module } from '@nestjs/common';
import { BounceAddresses } from './bounce-addresses.js';
import { EnvelopeSenders } from './envelope-senders.js';
import { LeaveAddresses } from './leave-addresses.js';

const addresses = [BounceAddresses, EnvelopeSenders, LeaveAddresses];

/** Signed addresses: made for what goes out, read from what comes back. */
@Module({ providers: addresses, exports: addresses })
export class VerpModule {}
