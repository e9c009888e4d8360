import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';
import { Receiver } from '../support/webhooks.js';

const OPERATOR = 'ops@shop.example';
const COLLEAGUE = 'night@shop.example';

let install: Install;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
  install = await Install.start({ ALERT_EMAIL: `${OPERATOR}, ${COLLEAGUE}` });
  install.sink.options = {
    refuse: (address) =>
      address === 'nobody@example.com' || address === bouncing
        ? `550 5.1.1 <${address}>: Recipient address rejected: User unknown`
        : undefined,
  };
}, 60_000);
afterAll(async () => {
  await install?.stop();
  await receiver?.stop();
});

/** An address of the operator that takes no mail, once there is one. */
let bouncing: string | undefined;

const placed = (number: string, email: string) =>
  install.done('POST', '/v1/order-events', {
    id: `evt-${number}`,
    type: 'order.placed',
    occurredAt: '2026-11-22T09:41:00Z',
    order: { id: number, number, currency: 'EUR', items: [{ name: 'Bowl', quantity: 1 }], total: '1.00' },
    customer: { email },
  });
const alertsOf = async (state: 'told' | 'untold') =>
  install.db
    .selectFrom('alerts')
    .select(['kind', 'subject', 'told_in'])
    .where('kind', '=', 'order_mail')
    .where('told_at', state === 'told' ? 'is not' : 'is', null)
    .orderBy('id')
    .execute();
const aMinuteLater = () => sql`UPDATE alert_cursor SET mailed_at = NULL`.execute(install.db);

test('the operator reads which order, which mail, what the server said, and what to do; and no customer address', async () => {
  const events = ['email.failed', 'alert.raised'];
  await install.done('POST', '/v1/webhook-endpoints', { url: receiver.url, events });
  const { emailId } = await placed('10482', 'nobody@example.com');
  const mail = await install.sink.mail(({ to }) => to === OPERATOR, 30_000);
  expect(mail.subject).toBe('Order 10482: a mail did not arrive');
  expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  for (const words of ['order.placed', '550 5.1.1', 'User unknown', emailId, 'POST /v1/emails'])
    expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain(words);
  expect(mail.raw).not.toContain('nobody');
  await install.sink.mail(({ to }) => to === COLLEAGUE);

  await eventually(async () => receiver.received.length === 2);
  const order = { shop: 'default', id: '10482', number: '10482' };
  expect(
    receiver.received.map(({ body }) => body).toSorted((a, b) => (a.type < b.type ? -1 : 1)),
  ).toMatchObject([
    {
      type: 'alert.raised',
      data: { kind: 'order_mail', state: 'failed', reason: 'user_unknown', emailId, order },
    },
    { type: 'email.failed', data: { emailId, order, replyCode: 550 } },
  ]);
});

test('what follows within the minute waits for the next mail; an operator who gets none raises nothing', async () => {
  // Suppressed by the first order.
  await placed('10483', 'nobody@example.com');
  bouncing = OPERATOR;
  install.sink.options = {
    refuseMessage: (address) =>
      address.startsWith('full')
        ? '552 5.2.2 Mailbox full'
        : address === OPERATOR
          ? '550 5.1.1 No such user'
          : undefined,
  };
  await placed('10484', 'full-1@example.com');
  await placed('10485', 'full-2@example.com');
  await eventually(async () => (await alertsOf('untold')).length === 2);
  expect(install.sink.to(COLLEAGUE)).toHaveLength(1);
  await aMinuteLater();
  const mail = await install.sink.mail(({ to, raw }) => to === COLLEAGUE && raw.includes('10484'), 30_000);
  expect(mail.subject).toBe('Shop: 2 things need you');
  expect(mail.text).toContain('Order 10485: a mail did not arrive');

  // The mail to the operator came back, and so the address is suppressed; nobody is told of that by mail.
  const suppressed = install.db.selectFrom('suppressions').select('id').where('canonical', '=', OPERATOR);
  await eventually(async () => (await suppressed.execute()).length > 0);
  await aMinuteLater();
  await placed('10486', 'full-3@example.com');
  await install.sink.mail(({ to, raw }) => to === COLLEAGUE && raw.includes('10486'), 30_000);
  expect(await alertsOf('told')).toHaveLength(4);
  expect(install.sink.to(OPERATOR)).toHaveLength(1);
});
