import { hostname } from 'node:os';
import { statfs } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Inject } from '@nestjs/common';
import { diskRoom, inGib } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { Database, type Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { Relays } from '../delivery/index.js';
import { ALERT_PAUSE_SECONDS } from './alert-mails.service.js';
import { AlertsRepository, type AlertingEvent } from './alerts.repository.js';
import { ALERT_FACTS, type AlertFacts, type NewAlert } from './alerts.types.js';

/** Events that one transaction looks at. */
const GROUP = 1_000;
/** A relay that hiccups mends itself; one that is down for so long does not. */
const RELAY_DOWN_MS = 10 * 60_000;
/** More room than at the alert, or one that comes and goes would be told of again and again. */
const CLEAR_FACTOR = 1.25;

/** Finds what the operator must know, and records it once, with the event `alert.raised` in the same transaction. */
@Injectable()
export class Alerts {
  private readonly logger = new Logger('Alerts');

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly repository: AlertsRepository,
    private readonly relays: Relays,
    @Inject(ALERT_FACTS) private readonly facts: AlertFacts,
  ) {}

  /** Looks at what has happened since the last time. @returns whether there may be more */
  async readEvents(): Promise<boolean> {
    const { trouble, more } = await this.locked(
      async (work, position) => {
        if (await this.repository.comeBack(work.trx)) return { trouble: [], more: true };
        const events = await this.repository.readNext(work.trx, position, GROUP);
        const last = events.at(-1);
        if (!last) return { trouble: [], more: false };
        await this.repository.moveTo(work.trx, last);
        return {
          trouble: await this.raise(work, await this.alertsOf(events)),
          more: events.length === GROUP,
        };
      },
      { trouble: [], more: false },
    );
    this.log(trouble);
    return more;
  }

  /** Relays that no process gets through to for ten minutes. One that works again is over. */
  async lookAtRelays(now = Date.now()): Promise<void> {
    const relays = await this.relays.enabled();
    const states = await this.relays.states(relays.map(({ name }) => name));
    const openSince = (name: string) => states.get(name)?.openSince ?? null;
    const down = relays.flatMap(({ name, lastProblem }): NewAlert[] => {
      const since = openSince(name);
      if (since === null || now - since.getTime() < RELAY_DOWN_MS) return [];
      return [{ kind: 'relay', subject: name, at: since, data: { relay: name, said: lastProblem } }];
    });
    const trouble = await this.locked(async (work) => {
      const well = (await this.repository.standing(work.trx, 'relay')).filter(
        (name) => openSince(name) === null,
      );
      if (well.length > 0) await this.repository.over(work.trx, 'relay', well);
      return this.raise(work, down);
    }, []);
    this.log(trouble);
  }

  /** The disk of this machine that the journal lies on: without room there no mail leaves. */
  async lookAtDisk(): Promise<void> {
    const { dataDir: path } = this.config;
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const subject = `${hostname()} ${path}`;
    const trouble = await this.locked(async (work) => {
      if (diskRoom(free / CLEAR_FACTOR) === 'enough') await this.repository.over(work.trx, 'disk', [subject]);
      if (diskRoom(free) === 'enough') return [];
      const data = { host: hostname(), path, free: inGib(free) };
      return this.raise(work, [{ kind: 'disk', subject, at: new Date(), data }]);
    }, []);
    this.log(trouble);
  }

  private async alertsOf(events: readonly AlertingEvent[]): Promise<NewAlert[]> {
    const mails = events.flatMap(({ messageId, deliveryId }) =>
      messageId !== null && deliveryId !== null ? [{ messageId, deliveryId }] : [],
    );
    const orderMails = mails.length > 0 ? await this.facts.orderMails(mails) : new Map<number, unknown>();
    return events.flatMap((event) => alertOf(event, (deliveryId) => orderMails.has(deliveryId)));
  }

  private async raise(work: Work, alerts: readonly NewAlert[]): Promise<string[]> {
    const raised = await this.repository.raise(work.trx, alerts);
    await appendEvents(
      work.trx,
      raised.map(({ id, kind, message_id, delivery_id, campaign_id, data }) => ({
        type: 'alert.raised',
        messageId: message_id,
        deliveryId: delivery_id,
        campaignId: campaign_id,
        data: { ...data, alertId: id, kind },
      })),
    );
    return raised.map(({ kind, subject }) => `${kind} ${subject}`);
  }

  /** One worker at a time; the others have nothing to do. */
  private async locked<T>(
    body: (work: Work, position: NonNullable<Awaited<ReturnType<AlertsRepository['lock']>>>) => Promise<T>,
    otherwise: T,
  ): Promise<T> {
    return this.db.work(async (work) => {
      const position = await this.repository.lock(work.trx, ALERT_PAUSE_SECONDS);
      return position ? body(work, position) : otherwise;
    });
  }

  /** A line for each would bury the rest where thousands fail at once. */
  private log(trouble: readonly string[]): void {
    const [first] = trouble;
    if (first === undefined) return;
    this.logger.warn(
      trouble.length === 1 ? `Alert: ${first}` : `${trouble.length} alerts, the first: ${first}`,
    );
  }
}

function alertOf(event: AlertingEvent, isOrderMail: (deliveryId: number) => boolean): NewAlert[] {
  const { type, at, id, messageId, deliveryId, campaignId, data } = event;
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : null);
  const reason = text('reason');
  switch (type) {
    case 'email.failed':
    case 'email.bounced':
      if (messageId === null || deliveryId === null || !isOrderMail(deliveryId)) return [];
      return [
        {
          kind: 'order_mail',
          subject: `${messageId} ${deliveryId}`,
          at,
          messageId,
          deliveryId,
          data: { state: type === 'email.failed' ? 'failed' : 'bounced', reason },
        },
      ];
    case 'campaign.paused':
      // Without a reason a person did it.
      if (reason === null || campaignId === null) return [];
      return [{ kind: 'campaign', subject: `${campaignId} ${id}`, at, campaignId, data: { reason } }];
    case 'webhook.disabled': {
      const endpointId = text('endpointId');
      if (endpointId === null) return [];
      return [{ kind: 'webhook', subject: `${endpointId} ${id}`, at, data: { endpointId, reason } }];
    }
  }
}
