import { Injectable } from '@nestjs/common';
import { SANDBOX_BOUNCE, SANDBOX_RELAY, sandboxFate } from '../../../domain/index.js';
import type { Work } from '../../../platform/database/index.js';
import { DeliveryOutcomes } from '../outcomes/delivery-outcomes.service.js';
import type { FoundDelivery, ToldOutcome } from '../outcomes/outcomes.types.js';

const nothing = { source: 'sandbox', reason: null, hard: false, status: null, reply: null } as const;
const bounce = {
  source: 'sandbox',
  reason: 'user_unknown',
  hard: true,
  status: '5.1.1',
  reply: SANDBOX_BOUNCE,
} as const;

/**
 * What comes back of mail to test addresses, told in the transaction that records it as sent: so it is never lost, and comes after
 * `email.sent`. Nothing is held against the address, or the second test would end as "suppressed".
 */
@Injectable()
export class SandboxOutcomes {
  constructor(private readonly outcomes: DeliveryOutcomes) {}

  /** @param settled deliveries of any kind; those of the sandbox that were sent are looked at */
  async tell(work: Work, settled: readonly FoundDelivery[]): Promise<void> {
    await this.outcomes.write(work, settled.flatMap(outcomeOf));
  }
}

function outcomeOf(delivery: FoundDelivery): ToldOutcome[] {
  const fate = sandboxFate(delivery.address);
  const isOfSandbox = delivery.relay === SANDBOX_RELAY && delivery.state === 'sent';
  if (!isOfSandbox || fate === undefined || fate === 'deferred') return [];
  return [{ delivery, outcome: fate, facts: fate === 'bounced' ? bounce : nothing }];
}
