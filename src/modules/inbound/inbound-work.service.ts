import { Injectable, Logger } from '@nestjs/common';
import { Database, type Work } from '../../platform/database/index.js';
import { Drain } from '../../platform/queue/index.js';
import { GroupRoute, type Handled, type InboundMail } from './inbound-route.js';
import { InboundRoutes } from './inbound-routes.js';
import { InboundRepository } from './inbound.repository.js';
import type { ClaimedMail } from './inbound.types.js';
import { MailHeaders } from './mail-headers.js';
import { unpacked } from './packing.js';

const REASON_LENGTH = 500;
/** Held for their time in line: a worker that is killed leaves so many to their next try, a minute later. */
const CLAIM = 50;
/** As they came, of all that are held at once: a larger one is held alone. */
const CLAIM_OCTETS = 4 * 1024 * 1024;
/** What comes in while others are handled waits so long for company: a group of forty costs a quarter of forty groups. */
const GATHER_MS = 100;

/** Hands received mails to their routes: each once, in the transaction that settles it. */
@Injectable()
export class InboundWork {
  private readonly logger = new Logger('Inbound');
  private isGathering = false;

  constructor(
    private readonly db: Database,
    private readonly drain: Drain,
    private readonly repository: InboundRepository,
    private readonly routes: InboundRoutes,
  ) {}

  /** Works until nothing is due, or the process ends. Never throws for what a mail does. */
  async run(): Promise<void> {
    while (!this.drain.signal.aborted) {
      const fresh = await this.repository.claimFresh(CLAIM, CLAIM_OCTETS);
      for (const mails of Map.groupBy(fresh, ({ route }) => route).values()) await this.attemptAll(mails);
      if (fresh.length === 0 || (fresh.length < CLAIM && !(await this.gather()))) break;
    }
    for (const id of await this.repository.due(1)) {
      if (this.drain.signal.aborted) return;
      await this.process(id);
    }
  }

  /** @returns false where another run of this process waits already: two would share between them what comes in */
  private async gather(): Promise<boolean> {
    if (this.isGathering) return false;
    this.isGathering = true;
    await this.drain.sleep(GATHER_MS);
    this.isGathering = false;
    return true;
  }

  /** One try, where the mail is due. Never throws for what the mail does: that is noted, and it is tried again later. */
  async process(mailId: string): Promise<void> {
    const mail = await this.repository.claim(mailId);
    if (mail) await this.attempt(mail);
  }

  /** In one transaction where the route can, and one by one where it cannot or where one of them fails. */
  private async attemptAll(mails: readonly ClaimedMail[]): Promise<void> {
    const route = this.routes.named(mails[0]?.route ?? '');
    if (route instanceof GroupRoute && mails.length > 1) {
      try {
        await this.handle(mails, (work, received) => route.handleAll(work, received));
        return;
      } catch (error) {
        this.logger.debug(`${mails.length} mails are handled one by one: ${(error as Error).message}`);
      }
    }
    for (const mail of mails) await this.attempt(mail);
  }

  private async attempt(mail: ClaimedMail): Promise<void> {
    try {
      const route = this.routes.named(mail.route);
      if (!route) throw new Error(`There is no route "${mail.route}" any more`);
      await this.handle([mail], async (work, [received]) => [await route.handle(work, received!)]);
    } catch (error) {
      const reason = (error as Error).message.slice(0, REASON_LENGTH);
      await this.repository.failed(mail, reason);
      this.logger.warn(
        { err: error, mailId: mail.id, route: mail.route },
        'A received mail could not be handled',
      );
    }
  }

  private async handle(
    mails: readonly ClaimedMail[],
    act: (work: Work, received: readonly InboundMail[]) => Promise<(Handled | void)[]>,
  ): Promise<void> {
    const received = await Promise.all(mails.map(receivedOf));
    await this.db.work(async (work) => {
      const held = await this.repository.hold(work.trx, mails);
      const ours = received.filter(({ id }) => held.has(id));
      if (ours.length === 0) return;
      const handled = await act(work, ours);
      await this.repository.settle(
        work.trx,
        ours.map(({ id }, at) => ({ ...handled[at], id })),
      );
    });
  }
}

async function receivedOf(mail: ClaimedMail): Promise<InboundMail> {
  const { id, receivedAt, sender, recipient: localPart } = mail;
  const raw = await unpacked(mail);
  return { id, receivedAt, sender, localPart, raw, headers: MailHeaders.of(raw) };
}
