/** How much one statement takes. */
export interface GroupLimits<Item> {
  readonly items: number;
  readonly octets: number;
  octetsOf(item: Item): number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settle: (result: Result) => void;
  readonly fail: (error: unknown) => void;
}

/** PostgreSQL's class 22: a value that no column takes, such as a text with NUL. */
const badValue = /^22/;

/**
 * Writes in groups what many callers want written: while one group is under way the next one gathers. So a process that is busy
 * writes few groups that are large, and one that is not waits for nobody.
 */
export class GroupWriter<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private isRunning = false;

  /** @param write commits a group, all of it or nothing; its results are in the order of the items */
  constructor(
    private readonly limits: GroupLimits<Item>,
    private readonly write: (items: readonly Item[]) => Promise<readonly Result[]>,
  ) {}

  /** Committed when it returns. @throws what `write` throws; for a bad value only the one whose it is */
  async add(item: Item): Promise<Result> {
    return new Promise((settle, fail) => {
      this.waiting.push({ item, settle, fail });
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) await this.writeGroup(this.nextGroup());
    this.isRunning = false;
  }

  private nextGroup(): Waiting<Item, Result>[] {
    const { limits } = this;
    let octets = 0;
    const tooMany = this.waiting.findIndex(({ item }, index) => {
      octets += limits.octetsOf(item);
      return index >= limits.items || (index > 0 && octets > limits.octets);
    });
    return this.waiting.splice(0, tooMany < 0 ? this.waiting.length : tooMany);
  }

  /** Never throws: whoever waits is told. */
  private async writeGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.write(group.map(({ item }) => item));
      for (const [at, { settle }] of group.entries()) settle(results[at]!);
    } catch (error) {
      if (group.length > 1 && badValue.test((error as { code?: string }).code ?? ''))
        for (const one of group) await this.writeGroup([one]);
      else for (const { fail } of group) fail(error);
    }
  }
}
