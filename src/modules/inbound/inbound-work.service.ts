import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { InboundRoutes } from './inbound-routes.js';
import { InboundRepository } from './inbound.repository.js';
import type { ClaimedMail } from './inbound.types.js';
import { MailHeaders } from './mail-headers.js';

const unzip = promisify(gunzip);
const REASON_LENGTH = 500;

/** Hands a received mail to its route: once, in the transaction that settles it. */
@Injectable()
export class InboundWork {
  private readonly logger = new Logger('Inbound');

  constructor(
    private readonly db: Database,
    private readonly repository: InboundRepository,
    private readonly routes: InboundRoutes,
  ) {}

  /** One try, where the mail is due. Never throws for what the mail does: that is noted, and it is tried again later. */
  async process(mailId: string): Promise<void> {
    const mail = await this.repository.claim(mailId);
    if (!mail) return;
    try {
      await this.handle(mail);
    } catch (error) {
      const reason = (error as Error).message.slice(0, REASON_LENGTH);
      await this.repository.failed(mail, reason);
      this.logger.warn({ err: error, mailId, route: mail.route }, 'A received mail could not be handled');
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
