import { probeDelay } from '../../domain/index.js';

/**
 * Whether the relay may be used. The relay's own trouble (connect, TLS, AUTH, sender policy) opens it: rows go back without a
 * counted try, and after a pause one mail probes. No recipient fails because the relay is down.
 */
export class Circuit {
  private failures = 0;
  private retryAt = 0;
  private probing = false;

  constructor(private readonly now: () => number = Date.now) {}

  /** False while the relay rests, and for all but one mail while it is probed. */
  mayTry(): boolean {
    if (this.failures === 0) return true;
    if (this.now() < this.retryAt || this.probing) return false;
    this.probing = true;
    return true;
  }

  get closed(): boolean {
    return this.failures === 0;
  }

  /** Whether a claim makes sense now; takes no probe. */
  get ready(): boolean {
    return this.failures === 0 || (this.now() >= this.retryAt && !this.probing);
  }

  /** Milliseconds until a claim makes sense again; 0 where it does now. */
  get waitMs(): number {
    return this.failures === 0 ? 0 : Math.max(0, this.retryAt - this.now());
  }

  /** The mail did not get as far as an answer, by no fault of the relay: where it was the probe, another one may be. */
  untried(): void {
    this.probing = false;
  }

  succeeded(): void {
    this.failures = 0;
    this.retryAt = 0;
    this.probing = false;
  }

  /** Mails that were under way together fail together: that is one failure. */
  failed(): void {
    if (this.now() < this.retryAt) return;
    this.failures += 1;
    this.probing = false;
    this.retryAt = this.now() + probeDelay(this.failures, Math.random());
  }
}
