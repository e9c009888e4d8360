import type { Grant } from '../quotas/quota.types.js';
import type { RelayUse } from './relay-use.js';

/**
 * Room for a claim at a relay. Between the claim and the wire there may be seconds (a template is compiled, the relay is slow), and several
 * claims that wait together would leave together: what was for a second that is over is asked for again, mail by mail.
 */
export class Reservation {
  /** What `NoRoom` has. */
  readonly retryAfterMs = undefined;
  /** Rows that may be claimed: 1 or more; 1 where the relay is being probed. */
  readonly granted: number;
  private takenAgain = 0;

  /** @param again takes room for one mail; 0 where there is none */
  constructor(
    readonly use: RelayUse,
    private readonly grant: Pick<Grant, 'granted' | 'until' | 'giveBack'>,
    private readonly again: () => Promise<number>,
    private readonly now: () => number = Date.now,
  ) {
    this.granted = grant.granted;
  }

  /** Whether one of the mails that were claimed may leave now. A promise only where it must be asked for again. */
  mayLeave(): boolean | Promise<boolean> {
    return this.now() < this.grant.until || this.askAgain();
  }

  /** At the end. @param handedOver mails that left */
  settle(handedOver: number): void {
    this.grant.giveBack(Math.max(0, this.granted + this.takenAgain - handedOver));
  }

  private async askAgain(): Promise<boolean> {
    const granted = await this.again();
    this.takenAgain += granted;
    return granted > 0;
  }
}
