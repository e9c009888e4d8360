/** How many went by lately. Counts in steps of one length and knows the step that ended last. */
export class PaceMeter {
  private step = 0;
  private counted = 0;
  private before = 0;

  /** @param stepMs how far back "lately" is */
  constructor(private readonly stepMs: number) {}

  count(now: number, by = 1): void {
    this.move(now);
    this.counted += by;
  }

  /** Per second, in the step that runs or in the one before, whichever had more. */
  perSecond(now: number): number {
    this.move(now);
    return (Math.max(this.counted, this.before) / this.stepMs) * 1000;
  }

  private move(now: number): void {
    const step = Math.floor(now / this.stepMs);
    if (step === this.step) return;
    this.before = step === this.step + 1 ? this.counted : 0;
    this.counted = 0;
    this.step = step;
  }
}
