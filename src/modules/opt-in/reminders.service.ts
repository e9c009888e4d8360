import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { OptInMailing } from './opt-in-mailing.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { QUIET_HOURS } from './opt-in-requests.service.js';

/** One reminder, for lists that have it turned on. */
const AFTER_DAYS = 2;
const AT_ONCE = 200;
const LOOK_EVERY_MS = 60_000;

@Injectable()
export class Reminders {
  private lookedAt = 0;

  constructor(
    private readonly requests: OptInRequestsRepository,
    private readonly mailing: OptInMailing,
    private readonly db: Database,
  ) {}

  /** Sends what is due, at most once a minute: days late by a minute is no matter. */
  async sendSometimes(): Promise<void> {
    if (Date.now() - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = Date.now();
    await this.sendDue();
  }

  /** @returns how many went out */
  async sendDue(): Promise<number> {
    let sent = 0;
    while (sent < AT_ONCE && (await this.sendOne())) sent += 1;
    return sent;
  }

  private async sendOne(): Promise<boolean> {
    return this.db.work(async (work) => {
      const due = { days: AFTER_DAYS, quietHours: QUIET_HOURS };
      const id = await this.requests.takeForReminder(work.trx, due);
      if (id === undefined) return false;
      // Marked first: a mail that cannot be made must not be tried once a minute for five days.
      await this.requests.markReminded(work.trx, id);
      await this.mailing.remind(work, id);
      return true;
    });
  }
}
