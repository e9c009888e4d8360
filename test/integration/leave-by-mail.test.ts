import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { LeaveAddresses } from '../../src/modules/delivery/index.js';
import { Engine, eventually } from '../support/engine.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let engine: Engine | undefined;

beforeAll(async () => {
  sink = await Sink.start();
});
afterEach(async () => {
  await engine?.stop();
  sink.mails.length = 0;
});
afterAll(() => sink.stop());

const inbound = { BOUNCE_DOMAIN: 'bounces.shop.example', INBOUND_SMTP_PORT: '2525' };
const CONTENT = 'Hello{% if links.unsubscribeMail %}, or write to {{ links.unsubscribeMail }}{% endif %}.';

/** The header of a blast to so many people, unfolded, and the text, by address. */
async function blast(environment: Record<string, string>, size: number) {
  engine = await Engine.start({ smtpUrl: sink.url, environment });
  const { listId } = await engine.audience('garden', size);
  const batch = await engine.blast(listId, CONTENT);
  await eventually(async () => (await engine?.batchState(batch)) === 'finished');
  expect(sink.mails).toHaveLength(size);
  return Promise.all(
    sink.mails.map(async ({ to }) => {
      const mail = await sink.mail((one) => one.to === to);
      const [head = ''] = mail.raw.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n\r\n');
      const fields = head.split('\r\n').filter((line) => /^List-Unsubscribe:/i.test(line));
      return { to, text: mail.text ?? '', fields };
    }),
  );
}

test('where mail is received, List-Unsubscribe has one https URI first and then an address that names the subscription', async () => {
  const mails = await blast(inbound, 5);
  const addresses = engine!.app.get(LeaveAddresses, { strict: false });
  const rows = await engine!.db
    .selectFrom('deliveries')
    .innerJoin('subscriptions', 'subscriptions.person_id', 'deliveries.person_id')
    .select(['deliveries.address', 'deliveries.id as deliveryId', 'subscriptions.id as subscriptionId'])
    .execute();
  for (const { to, fields, text } of mails) {
    expect(fields).toHaveLength(1);
    const form =
      /^List-Unsubscribe: <http:\/\/127\.0\.0\.1:3000\/unsubscribe\/[\w-]+>, <(mailto:(leave-[a-z2-7]{56})@bounces\.shop\.example\?subject=unsubscribe)>$/;
    const [, url = '', local = ''] = form.exec(fields[0] ?? '') ?? [];
    const row = rows.find(({ address }) => address === to);
    expect(addresses.read(local)).toEqual({
      subscriptionId: row?.subscriptionId,
      deliveryId: row?.deliveryId,
    });
    expect(text).toContain(`or write to ${url}`);
  }
});

test.each<[string, Record<string, string>]>([
  ['without INBOUND_SMTP_PORT', { BOUNCE_DOMAIN: 'bounces.shop.example' }],
  ['without any of it', {}],
])('%s there is no address that nobody listens to', async (_, environment) => {
  const [mail] = await blast(environment, 1);
  expect(mail?.fields).toEqual([
    expect.stringMatching(/^List-Unsubscribe: <http:\/\/127\.0\.0\.1:3000\/unsubscribe\/[\w-]+>$/),
  ]);
  expect(mail?.text).toContain('Hello.');
  expect(mail?.text).not.toContain('mailto:leave');
});
