import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { AlertMails } from './alert-mails.service.js';
import { Alerts } from './alerts.service.js';

const EVERY_MS = 2_000;
/** What lasts is looked at more seldom. */
const CONDITIONS_EVERY_MS = 15_000;

/** A timer in every worker; one of them works at a time. Nothing of it can stop mail: what fails is logged and tried again. */
@Injectable()
export class AlertWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Alerts');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private conditionsAt = 0;
  private stopping = false;

  constructor(
    private readonly config: Config,
    private readonly alerts: Alerts,
    private readonly mails: AlertMails,
  ) {}

  onApplicationBootstrap(): void {
    // The start says it too; where all mail stays in the built-in inbox, that is enough.
    if (this.config.alertAddresses.length === 0 && this.config.mailLeaves)
      this.logger.log('ALERT_EMAIL is not set: nobody gets a mail when an order mail fails');
    this.timer = setInterval(() => {
      this.running ??= this.round().finally(() => (this.running = undefined));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    await this.running;
  }

  private async round(): Promise<void> {
    await this.attempt(async () => {
      while (!this.stopping && (await this.alerts.readEvents()));
    });
    if (Date.now() > this.conditionsAt) {
      this.conditionsAt = Date.now() + CONDITIONS_EVERY_MS;
      await this.attempt(() => this.alerts.lookAtRelays());
      await this.attempt(() => this.alerts.lookAtDisk());
    }
    await this.mails.tell();
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.logger.warn(`What the operator should know could not be looked at: ${(error as Error).message}`);
    }
  }
}
