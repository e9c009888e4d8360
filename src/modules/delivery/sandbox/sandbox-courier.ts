import { Injectable } from '@nestjs/common';
import { SANDBOX_RELAY, sandboxFate, sandboxReply } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import type { ClaimedDelivery } from '../claim.types.js';
import { settlementOf, type Answer, type Settlement } from '../settlement.js';
import { Sandbox } from './sandbox.js';

/** A test must not wait for the minutes after which a real server is tried again. */
const NEXT_TRY_MS = 5_000;

/**
 * Takes the place of the relay for test addresses. It is chosen by the recipient and not by the claim, so a mail to a real and to a test
 * address is both; of a relay's connections, limits and circuit it knows nothing. It needs no intent in the journal: without an answer
 * nothing was handed over.
 */
@Injectable()
export class SandboxCourier {
  constructor(
    private readonly config: Config,
    private readonly sandbox: Sandbox,
  ) {}

  carries(item: Pick<ClaimedDelivery, 'recipientDomain'>): boolean {
    return this.sandbox.holds(item.recipientDomain);
  }

  /** What becomes of a mail that was made and may go. */
  handOver(item: ClaimedDelivery): Settlement {
    const reply = sandboxReply(sandboxFate(item.address), item.tries);
    const answer: Answer =
      reply.code < 400
        ? { kind: 'accepted', reply, relayId: null }
        : { kind: 'refused', reply, stage: 'rcpt' };
    const settlement = settlementOf(item, answer, SANDBOX_RELAY, Math.random(), this.config.retryHours);
    return settlement.state === 'deferred' ? { ...settlement, delay: NEXT_TRY_MS } : settlement;
  }
}
