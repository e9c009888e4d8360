import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../support/program.js';
import type { Step, Story } from './orders-plan.js';

export interface Answered {
  readonly step: Step;
  readonly status: number;
  readonly body: { readonly emailId?: string | null; readonly status?: string; readonly reason?: string };
}

/** How often each event is posted, whatever was answered before. */
const TIMES = 3;
const PAUSE_MS = 400;
/** One story in so many. */
const LATE = 6;

/**
 * Clients of a shop that posts each event three times, in no order but that of its stories, and again whatever was not answered:
 * a connection that is refused or breaks.
 */
export class Clients {
  readonly answers: Answered[] = [];
  /** Calls without an answer. */
  unanswered = 0;
  /** Calls that were answered 503: nothing is committed, and they are made again. */
  putOff = 0;
  readonly posts: number;
  private readonly ready: Step[] = [];
  private readonly first = new Set<Step>();
  private readonly opened = new Set<Step>();
  private readonly storyOf = new Map<Step, Story>();
  /** They begin when the test says so. */
  private readonly late: readonly Story[];

  constructor(
    private readonly program: Program,
    stories: readonly Story[],
  ) {
    for (const story of stories) for (const step of story.flat()) this.storyOf.set(step, story);
    this.posts = this.storyOf.size * TIMES;
    this.late = stories.filter((_, index) => index % LATE === 0);
    for (const story of stories) if (!this.late.includes(story)) this.open(story[0]);
  }

  /** The last of the orders come in. */
  beginLate(): void {
    for (const story of this.late) this.open(story[0]);
  }

  get steps(): Step[] {
    return [...this.storyOf.keys()];
  }

  /** Settles when everything is answered. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, () => this.client()));
  }

  private async client(): Promise<void> {
    while (this.answers.length < this.posts) {
      const step = this.draw();
      if (!step) {
        await sleep(PAUSE_MS / 40);
        continue;
      }
      this.took(step, await this.post(step));
    }
  }

  private draw(): Step | undefined {
    const index = Math.floor(Math.random() * this.ready.length);
    const drawn = this.ready[index];
    const last = this.ready.pop();
    if (last && index < this.ready.length) this.ready[index] = last;
    return drawn;
  }

  private async post({ call }: Step): Promise<Omit<Answered, 'step'>> {
    for (;;) {
      try {
        const answer = await this.program.call('POST', call.path, call.body, call.headers());
        if (answer.status !== 503) return answer;
        this.putOff += 1;
      } catch {
        this.unanswered += 1;
      }
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  private took(step: Step, { status, body }: Omit<Answered, 'step'>): void {
    this.answers.push({ step, status, body });
    this.first.add(step);
    const story = this.storyOf.get(step) ?? [];
    const group = story.findIndex((steps) => steps.includes(step));
    const isOver = story[group]?.every((one) => this.first.has(one));
    const next = story[group + 1];
    if (isOver && next?.every((one) => !this.opened.has(one))) this.open(next);
  }

  private open(steps: readonly Step[] = []): void {
    for (const step of steps) {
      this.opened.add(step);
      this.ready.push(...Array.from({ length: TIMES }, () => step));
    }
  }
}
