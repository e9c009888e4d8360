import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { GroupWriter } from '../../platform/database/index.js';
import { WakeUps, within } from '../../platform/queue/index.js';
import { InboundMetrics } from './inbound-metrics.js';
import { InboundRepository, type NewInboundMail } from './inbound.repository.js';
import type { ReceivedMail } from './inbound.types.js';
import { MailHeaders } from './mail-headers.js';
import { packed } from './packing.js';
import { SmtpRefusal } from './smtp-refusal.js';

/** RFC 5321 §6.3: "a large rejection threshold, normally at least 100 Received entries" ends loops; nothing honest here has 30. */
const MAX_HOPS = 30;
/** Each recipient of a mail has a copy of it. */
const MAX_STORED_BYTES = 100 * 1024 * 1024;
/** Of the database. RFC 5321 §4.5.3.2.6: the client waits for ten minutes. */
const PATIENCE_MS = 30_000;
const WAKE_AFTER_MS = 100;
/** Mails of one statement, and their octets as they are stored. */
const GROUP = { items: 100, octets: 4 * 1024 * 1024, octetsOf: ({ raw }: NewInboundMail) => raw.length };

/** Stores what is received. What it says it does is committed. */
@Injectable()
export class Intake {
  private readonly logger = new Logger('Inbound');
  private waking: NodeJS.Timeout | undefined;
  private storeFails = false;
  private readonly writer = new GroupWriter(GROUP, (mails: readonly NewInboundMail[]) =>
    this.storeAll(mails),
  );

  constructor(
    private readonly repository: InboundRepository,
    private readonly wakeUps: WakeUps,
    private readonly metrics: InboundMetrics,
  ) {}

  /**
   * Stores one row for each recipient, unless it is there: a sender that did not hear our answer sends the same mail again.
   * @throws SmtpRefusal for a mail that goes in circles (554), and while the database is away (451)
   */
  async take({ sender, recipients, network, raw }: ReceivedMail): Promise<void> {
    if (MailHeaders.of(raw).all('received').length > MAX_HOPS) {
      throw new SmtpRefusal(
        'loop',
        554,
        `5.4.6 This mail went through more than ${MAX_HOPS} servers: a loop`,
      );
    }
    if (raw.length * recipients.length > MAX_STORED_BYTES) {
      throw new SmtpRefusal(
        'size',
        452,
        '4.5.3 Too many recipients for a mail of this size: send it in parts',
      );
    }
    const rows = recipients.map((recipient) => ({ ...recipient, id: newId() }));
    const fresh = await this.stored({
      sha256: createHash('sha256').update(raw).digest(),
      sender,
      network,
      size: raw.length,
      raw: await packed(raw),
      recipients: rows,
    });
    for (const { route } of fresh) this.metrics.received.inc({ route });
    if (fresh.length > 0) this.wake();
  }

  /** @returns of each mail the recipients that are new */
  private async storeAll(mails: readonly NewInboundMail[]): Promise<NewInboundMail['recipients'][]> {
    const fresh = new Set(await within(PATIENCE_MS, this.repository.store(mails)));
    return mails.map(({ recipients }) => recipients.filter(({ id }) => fresh.has(id)));
  }

  /** One wake-up for all that comes in a short while, and nobody waits for it: a run that finds two mails costs as much as three. */
  private wake(): void {
    if (this.waking) return;
    this.waking = setTimeout(() => {
      this.waking = undefined;
      void this.wakeUps.wake('inbound', { lane: 0 });
    }, WAKE_AFTER_MS).unref();
  }

  /** The log says once that the database is away, not once a mail. */
  private async stored(mail: NewInboundMail): Promise<NewInboundMail['recipients']> {
    try {
      const fresh = await this.writer.add(mail);
      this.storeFails = false;
      return fresh;
    } catch (error) {
      if (!this.storeFails)
        this.logger.warn(`Mail is deferred, because it cannot be stored: ${(error as Error).message}`);
      this.storeFails = true;
      throw new SmtpRefusal(
        'database',
        451,
        '4.3.0 The mail cannot be stored at the moment: try again later',
      );
    }
  }
}
