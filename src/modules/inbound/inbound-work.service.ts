import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Drain } from '../../platform/queue/index.js';
import { InboundRoutes } from './inbound-routes.js';
import { InboundRepository } from './inbound.repository.js';
import type { ClaimedMail } from './inbound.types.js';
import { MailHeaders } from './mail-headers.js';

const unzip = promisify(gunzip);
const REASON_LENGTH = 500;
/** Held for their time in line: a worker that is killed leaves so many to their next try, a minute later. */
const CLAIM = 20;

/** Hands a received mail to its route: once, in the transaction that settles it. */
@Injectable()
export class InboundWork {
  private readonly logger = new Logger('Inbound');

  constructor(
    private readonly db: Database,
    private readonly drain: Drain,
    private readonly repository: InboundRepository,
    private readonly routes: InboundRoutes,
  ) {}

  /** Works until nothing is due, or the process ends. Never throws for what a mail does. */
  async run(): Promise<void> {
    while (!this.drain.signal.aborted) {
      const fresh = await this.repository.claimFresh(CLAIM);
      for (const mail of fresh) await this.attempt(mail);
      if (fresh.length < CLAIM) break;
    }
    for (const id of await this.repository.due()) {
      if (this.drain.signal.aborted) return;
      await this.process(id);
    }
  }

  /** One try, where the mail is due. Never throws for what the mail does: that is noted, and it is tried again later. */
  async process(mailId: string): Promise<void> {
    const mail = await this.repository.claim(mailId);
    if (mail) await this.attempt(mail);
  }

  private async attempt(mail: ClaimedMail): Promise<void> {
    try {
      await this.handle(mail);
    } catch (error) {
      const reason = (error as Error).message.slice(0, REASON_LENGTH);
      await this.repository.failed(mail, reason);
      this.logger.warn(
        { err: error, mailId: mail.id, route: mail.route },
        'A received mail could not be handled',
      );
    }
  }

  private async handle(mail: ClaimedMail): Promise<void> {
    const route = this.routes.named(mail.route);
    if (!route) throw new Error(`There is no route "${mail.route}" any more`);
    const raw = (await unzip(mail.raw)) as Buffer;
    const { id, receivedAt, sender, recipient: localPart } = mail;
    const received = { id, receivedAt, sender, localPart, raw, headers: MailHeaders.of(raw) };
    await this.db.work(async (work) => {
      if (!(await this.repository.hold(work.trx, mail))) return;
      const handled = await route.handle(work, received);
      await this.repository.settle(work.trx, id, handled ?? {});
    });
  }
}
