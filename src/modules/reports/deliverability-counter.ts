import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Counter } from 'prom-client';
import { Database } from '../../platform/database/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { DeliverabilityCountingRepository, type Counted } from './deliverability-counting.repository.js';

const COUNT_EVERY_MS = 10_000;
/** Events a turn: short enough that what it locks is free again before anybody notices. */
const TURN = 5_000;

/** In every worker: what happened to mail is in the deliverability report some ten seconds later. One worker counts at a time. */
@Injectable()
export class DeliverabilityCounter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DeliverabilityCounter.name);
  private readonly failures: Counter<'class'>;
  private readonly complaints: Counter;
  private readonly suppressions: Counter<'reason'>;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly db: Database,
    private readonly repository: DeliverabilityCountingRepository,
    { registry }: Metrics,
  ) {
    const registers = [registry];
    this.failures = new Counter({
      name: 'postrider_mail_failures_total',
      help: 'Mails that were refused or came back: hard (no such address), soft, blocked (the sender or the mail is not wanted)',
      labelNames: ['class'],
      registers,
    });
    this.complaints = new Counter({
      name: 'postrider_mail_complaints_total',
      help: 'Mails that somebody marked as spam, as far as providers tell',
      registers,
    });
    this.suppressions = new Counter({
      name: 'postrider_suppressions_added_total',
      help: 'Suppressions that were added, by reason',
      labelNames: ['reason'],
      registers,
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void (this.running ??= this.run()), COUNT_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    await this.running;
  }

  /** Counts all that is there. @returns how many events it looked at */
  async countAll(): Promise<number> {
    for (let total = 0; ;) {
      const events = await this.turn();
      total += events;
      if (events < TURN || this.stopping) return total;
    }
  }

  private async turn(): Promise<number> {
    const counted = await this.db.work(async ({ trx }) => {
      const position = await this.repository.lock(trx);
      if (!position || (await this.repository.comeBack(trx))) return undefined;
      return this.repository.countNext(trx, position, TURN);
    });
    if (!counted) return 0;
    this.measure(counted);
    return counted.events;
  }

  private measure({ hard, soft, blocked, complaints, suppressions }: Counted): void {
    for (const [name, count] of Object.entries({ hard, soft, blocked }))
      this.failures.inc({ class: name }, count);
    this.complaints.inc(complaints);
    for (const [reason, count] of Object.entries(suppressions)) this.suppressions.inc({ reason }, count);
  }

  private async run(): Promise<void> {
    try {
      await this.countAll();
    } catch (error) {
      this.logger.warn(`Deliverability could not be counted: ${(error as Error).message}`);
    } finally {
      this.running = undefined;
    }
  }
}
