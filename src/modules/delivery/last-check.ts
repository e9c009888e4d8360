import type { CheckRepository } from './check.repository.js';
import type { Checked, Claim } from './claim.types.js';

/** An answer older than this is asked again before a hand-over: what was committed a second ago is honoured. */
const FRESH_MS = 400;

/** The last look before a hand-over. The claim's own answer serves while it is young; a slow relay makes it look again. */
export class LastCheck {
  private answers: ReadonlyMap<number, Checked>;
  private askedAt: number;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly repository: CheckRepository,
    private readonly claim: Claim,
    private readonly open: ReadonlySet<number>,
    private readonly now: () => number = Date.now,
  ) {
    this.answers = claim.checked;
    this.askedAt = claim.checkedAt;
  }

  /** What is true of this delivery, known for at most 400 ms: at once where it is; undefined when it is no longer ours. */
  of(id: number): Checked | undefined | Promise<Checked | undefined> {
    if (this.now() - this.askedAt <= FRESH_MS) return this.answers.get(id);
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking.then(() => this.answers.get(id));
  }

  private async ask(): Promise<void> {
    const askedAt = this.now();
    this.answers = await this.repository.check(this.claim, [...this.open]);
    this.askedAt = askedAt;
  }
}
