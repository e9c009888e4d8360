import { BouncesModule, mailHookControllers } from '../../src/modules/bounces/index.js';
import { BounceAddresses, DeliveryModule } from '../../src/modules/delivery/index.js';
import { InboundModule, InboundWork } from '../../src/modules/inbound/index.js';
import { Intake } from '../../src/modules/inbound/intake.service.js';
import { InboundRoutes } from '../../src/modules/inbound/inbound-routes.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import { People, SubscribersModule } from '../../src/modules/subscribers/index.js';
import { Suppressions, SuppressionModule, type Suppression } from '../../src/modules/suppression/index.js';
import { monthOf, newId, parseAddress } from '../../src/domain/index.js';
import { TestApi } from './api.js';

export const BOUNCE_DOMAIN = 'bounces.shop.example';

export interface SentMail {
  readonly bucket: string;
  readonly id: number;
  readonly address: string;
  readonly messageId: string;
  /** Its envelope sender. */
  readonly verp: string;
  readonly personId: string;
}

/** What hears of bounces, on a real database; mails are rows that are said to be sent. */
export class BouncesApi {
  private constructor(readonly api: TestApi) {}

  static async start(environment: Record<string, string> = {}): Promise<BouncesApi> {
    const api = await TestApi.start({
      modules: [
        ListsModule,
        SubscribersModule,
        SuppressionModule,
        DeliveryModule,
        InboundModule,
        BouncesModule,
      ],
      controllers: mailHookControllers,
      environment: { BOUNCE_DOMAIN, INBOUND_SMTP_PORT: '0', ...environment },
    });
    return new BouncesApi(api);
  }

  /** A delivery of one mail, of news where a list is named. */
  async sent(
    address: string,
    more: { state?: string; listId?: string; relayId?: string } = {},
  ): Promise<SentMail> {
    const parsed = parseAddress(address);
    if (!parsed.ok) throw new Error(parsed.problem);
    const { db } = this.api;
    const person = await db.work(({ trx }) => this.api.get(People).upsert(trx, { address: parsed.address }));
    const messageId = newId();
    const bucket = monthOf(new Date());
    const { id } = await db
      .insertInto('deliveries')
      .values({
        bucket,
        stream: more.listId === undefined ? 'orders' : 'news',
        message_id: messageId,
        person_id: person.id,
        via_list_id: more.listId ?? null,
        address,
        recipient_domain: parsed.address.domain,
        state: (more.state ?? 'sent') as 'sent',
        relay: 'main',
        relay_id: more.relayId ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const verp = `${this.api.get(BounceAddresses).make({ bucket, id })}@${BOUNCE_DOMAIN}`;
    return { bucket, id, address, messageId, verp, personId: person.id };
  }

  /** Receives a mail as the listener does, and does what a worker does. @returns what became of it; undefined where it was refused */
  async receive(
    to: string,
    raw: string,
    sender = '',
  ): Promise<{ state: string; reason: string | null } | undefined> {
    if (!(await this.store(to, raw, sender))) return undefined;
    const mail = () =>
      this.api.db.selectFrom('inbound_mails').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();
    await this.api.get(InboundWork).process((await mail()).id);
    const { state, reason } = await mail();
    return { state, reason };
  }

  /** Receives a mail as the listener does. @returns false where it was refused */
  async store(to: string, raw: string, sender = ''): Promise<boolean> {
    const localPart = to.split('@')[0] ?? '';
    const route = this.api.get(InboundRoutes).of(localPart);
    if (!route) return false;
    const recipients = [{ localPart, route: route.name }];
    await this.api.get(Intake).take({ sender, recipients, network: '192.0.2.0/24', raw: Buffer.from(raw) });
    return true;
  }

  async outcome(mail: SentMail) {
    return this.api.db
      .selectFrom('deliveries')
      .select(['state', 'outcome', 'reason', 'reply_code as code', 'reply'])
      .where('bucket', '=', mail.bucket)
      .where('id', '=', mail.id)
      .executeTakeFirstOrThrow();
  }

  /** What holds for an address, such as `all hard_bounce`, sorted. */
  async held(address: string): Promise<string[]> {
    return (await this.suppressions(address)).map(({ scope, reason }) => `${scope} ${reason}`).toSorted();
  }

  async suppressions(address: string): Promise<Suppression[]> {
    return this.api.get(Suppressions).activeFor(this.api.db, address);
  }

  async events(mail: SentMail): Promise<string[]> {
    const rows = await this.api.db
      .selectFrom('events')
      .select('type')
      .where('delivery_id', '=', mail.id)
      .orderBy('id')
      .execute();
    return rows.map(({ type }) => type);
  }
}

let reports = 0;

/** A delivery status notification (RFC 3464) as Postfix writes it; each another one, so that none is the same mail. */
export function dsn(
  recipients: readonly { to: string; action?: string; status: string; reply: string }[],
  returned: Record<string, string> = {},
): string {
  const blocks = recipients.map(
    ({ to, action = 'failed', status, reply }) =>
      `Final-Recipient: rfc822; ${to}\r\nAction: ${action}\r\nStatus: ${status}\r\nDiagnostic-Code: smtp; ${reply}\r\n`,
  );
  return report(
    'delivery-status',
    `Reporting-MTA: dns; mx.example.net\r\n\r\n${blocks.join('\r\n')}`,
    returned,
  );
}

/** A complaint (RFC 5965). @param to null where it is redacted */
export function arf(to: string | null, returned: Record<string, string> = {}, type = 'abuse'): string {
  const named = to === null ? '' : `Original-Rcpt-To: ${to}\r\n`;
  return report(
    'feedback-report',
    `Feedback-Type: ${type}\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\n${named}`,
    returned,
  );
}

function report(type: string, status: string, returned: Record<string, string>): string {
  const fields = { Subject: 'News', ...returned };
  const header = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return [
    'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    `Message-ID: <${(reports += 1)}.${process.pid}@mx.example.net>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${type}; boundary="b"`,
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'This is a report about a mail.',
    '--b',
    `Content-Type: message/${type}`,
    '',
    status,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    header.join(''),
    '--b--',
    '',
  ].join('\r\n');
}
