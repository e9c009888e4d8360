import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LedgerSeals } from './ledger-seals.service.js';

const SEAL_EVERY_MS = 10_000;

/** In every worker: what is new in the ledger is under a seal ten seconds later. */
@Injectable()
export class LedgerSealer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerSealer.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly seals: LedgerSeals) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void (this.running ??= this.run()), SEAL_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      await this.seals.sealAll();
    } catch (error) {
      this.logger.warn(`The consent ledger could not be sealed: ${(error as Error).message}`);
    } finally {
      this.running = undefined;
    }
  }
}
