import { Logger } from '@nestjs/common';
import { bulkPart, isBulk, type Stream } from '../../../domain/index.js';
import { Circuit } from '../circuit.js';
import type { CourierSlot } from '../courier.js';
import type { PipelinedCourier } from '../smtp/pipelined-courier.js';
import type { Relay } from './relay.types.js';

/** Longest problem that is kept. */
const PROBLEM_LENGTH = 300;

/** A relay as one worker process uses it: the connections it keeps, and whether it may be used. */
export class RelayUse {
  private readonly logger = new Logger('Relays');
  private bulkInUse = 0;
  private readonly bulkWaiting: (() => void)[] = [];
  private retired = false;
  private problem: string | undefined;

  /**
   * @param bulkOnly  whether this process sends no order mail, so that nothing is kept free for it here
   * @param changed   called when the circuit opens or closes
   */
  constructor(
    private current: Relay,
    private readonly courier: PipelinedCourier,
    private readonly bulkOnly: boolean,
    private readonly changed: () => void,
    readonly circuit: Circuit = new Circuit(),
  ) {}

  get name(): string {
    return this.current.name;
  }

  get relay(): Relay {
    return this.current;
  }

  get inUse(): number {
    return this.courier.inUse;
  }

  /** Connections that mail of a stream may use at once; 1 or more. Order mail may use all. */
  slots(stream: Stream): number {
    const all = !isBulk(stream) || this.bulkOnly || !this.current.streams.includes('orders');
    return all ? this.courier.slots : bulkPart(this.courier.slots);
  }

  /** How much of its connections is free: 1 where nothing is under way. */
  get free(): number {
    return 1 - this.courier.inUse / this.courier.slots;
  }

  /** No longer to be used: switched off, or it has moved. What is under way may end, and nothing new should begin. */
  get gone(): boolean {
    return this.retired;
  }

  /** Waits for a free connection; release it in any case. */
  async slot(stream: Stream): Promise<CourierSlot> {
    const bulk = isBulk(stream);
    if (bulk) await this.bulkTurn(stream);
    const slot = await this.courier.slot();
    let released = false;
    return {
      send: (mail, next) => slot.send(mail, next),
      release: () => {
        if (released) return;
        released = true;
        slot.release();
        if (bulk) this.bulkEnded();
        this.closeWhenIdle();
      },
    };
  }

  /** After an answer that says that the relay works. */
  succeeded(): void {
    const wasOpen = !this.circuit.closed;
    this.circuit.succeeded();
    if (!wasOpen) return;
    this.logger.log(`Relay "${this.name}" is well again`);
    this.changed();
  }

  /** After trouble of the relay's own. @param said what the relay said or did, for the operator; addresses in it are left out */
  failed(said: string): void {
    const problem = said
      .replaceAll(/[^\s<>]+@[^\s<>]+/g, '…')
      .replaceAll(/\s+/g, ' ')
      .slice(0, PROBLEM_LENGTH);
    const wasClosed = this.circuit.closed;
    this.circuit.failed();
    if (!wasClosed) return;
    this.problem = problem;
    this.logger.warn(`Relay "${this.name}" is in trouble, mail waits: ${problem}`);
    this.changed();
  }

  /** Why the circuit was opened, for one that has not told it yet. */
  takeProblem(): string | undefined {
    const { problem } = this;
    this.problem = undefined;
    return problem;
  }

  /** Follows what the operator has changed. @param connections that this process may keep */
  update(relay: Relay, connections: number): void {
    this.current = relay;
    if (connections !== this.courier.slots) this.courier.resize(connections);
    for (const next of this.bulkWaiting.splice(0)) next();
  }

  /** Closes the connections as soon as no mail is on them. */
  retire(): void {
    this.retired = true;
    this.closeWhenIdle();
  }

  async close(): Promise<void> {
    this.retired = true;
    await this.courier.close();
  }

  private closeWhenIdle(): void {
    if (this.retired && this.courier.inUse === 0) void this.courier.close();
  }

  private async bulkTurn(stream: Stream): Promise<void> {
    while (this.bulkInUse >= this.slots(stream)) {
      await new Promise<void>((resolve) => this.bulkWaiting.push(resolve));
    }
    this.bulkInUse += 1;
  }

  private bulkEnded(): void {
    this.bulkInUse -= 1;
    this.bulkWaiting.shift()?.();
  }
}
