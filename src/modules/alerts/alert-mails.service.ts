import { Inject, Injectable, Logger } from '@nestjs/common';
import { newId, type Address } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import { Messages } from '../delivery/index.js';
import { People, type Person } from '../subscribers/index.js';
import { itemOf, type Known } from './alert-item.js';
import { AlertsRepository } from './alerts.repository.js';
import { ALERT_FACTS, type AlertFacts, type AlertRow } from './alerts.types.js';

/** Between two mails, and before another try where one could not be made. */
export const ALERT_PAUSE_SECONDS = 60;
/** How many a mail shows; it counts the others. */
const SHOWN = 40;
const DEFAULT_LOCALE = 'en';
const TAG = 'alert';

/**
 * Tells the operator by mail, at most once a minute: each mail shows what was recorded since the last one. It is service mail, about
 * which there are no alerts. That it was told and the mail itself commit together.
 */
@Injectable()
export class AlertMails {
  private readonly logger = new Logger('Alerts');
  private restingUntil = 0;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly repository: AlertsRepository,
    private readonly people: People,
    private readonly messages: Messages,
    @Inject(ALERT_FACTS) private readonly facts: AlertFacts,
  ) {}

  /** Makes a mail where one is due. One that cannot be made (a template of one's own that is wrong) is tried again a minute later. */
  async tell(): Promise<void> {
    if (Date.now() < this.restingUntil) return;
    try {
      await this.db.work((work) => this.tellWithin(work));
    } catch (error) {
      this.restingUntil = Date.now() + ALERT_PAUSE_SECONDS * 1000;
      this.logger.error(`Alerts wait, their mail could not be made: ${(error as Error).message}`);
    }
  }

  private async tellWithin(work: Work): Promise<void> {
    const { trx } = work;
    const position = await this.repository.lock(trx, ALERT_PAUSE_SECONDS);
    if (!position || !(await this.repository.hasUntold(trx))) return;
    const addresses = this.config.alertAddresses;
    if (addresses.length === 0) {
      await this.repository.tell(trx, null, 0);
      return;
    }
    if (position.mailedLately) return;
    const id = newId();
    const { total, oldest } = await this.repository.tell(trx, id, SHOWN);
    const { TIMEZONE } = this.config.env;
    const known = await this.known(oldest);
    const recipients = await this.recipients(trx, addresses);
    await this.messages.accept(work, {
      id,
      stream: 'service',
      locale: recipients[0]?.person.locale ?? DEFAULT_LOCALE,
      content: {
        template: 'alert',
        variables: {
          alerts: oldest.map((alert) => itemOf(alert, known, TIMEZONE)),
          total,
          others: total - oldest.length,
          timezone: TIMEZONE,
        },
      },
      recipients: recipients.map(({ address, person }) => ({ personId: person.id, address, role: 'to' })),
      automatic: true,
      tags: [TAG],
    });
    await this.repository.mailed(trx);
  }

  /** In the order of ALERT_EMAIL, whose first decides the language. Everybody locks people in the order of their addresses. */
  private async recipients(executor: Executor, addresses: readonly Address[]) {
    const people = new Map<Address, Person>();
    for (const address of addresses.toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1)))
      people.set(address, await this.people.upsert(executor, { address }));
    return addresses.flatMap((address) => {
      const person = people.get(address);
      return person ? [{ address, person }] : [];
    });
  }

  private async known(alerts: readonly AlertRow[]): Promise<Known> {
    const mails = alerts.flatMap(({ message_id, delivery_id }) =>
      message_id !== null && delivery_id !== null ? [{ messageId: message_id, deliveryId: delivery_id }] : [],
    );
    const campaigns = alerts.flatMap(({ campaign_id }) => campaign_id ?? []);
    const endpoints = alerts.flatMap(({ data }) =>
      typeof data['endpointId'] === 'string' ? data['endpointId'] : [],
    );
    return {
      mails: await this.facts.orderMails(mails),
      campaigns: await this.facts.campaigns(campaigns),
      endpoints: await this.facts.endpoints(endpoints),
    };
  }
}
