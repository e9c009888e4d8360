import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BounceAddresses } from '../../src/modules/delivery/verp/bounce-addresses.js';
import { DkimKeys } from '../../src/modules/delivery/index.js';
import { Engine, eventually } from '../support/engine.js';
import { addRelay, changeDefaultRelay } from '../support/relays.js';
import { Sink, type SunkMail } from '../support/sink.js';

/** What a relay does of itself, and what is left to us: signatures and envelope senders. */

let sink: Sink;
let newsSink: Sink;
let engine: Engine;

beforeEach(async () => {
  [sink, newsSink] = [await Sink.start(), await Sink.start()];
});

afterEach(async () => {
  await engine.stop();
  await Promise.all([sink.stop(), newsSink.stop()]);
});

/** Order mail goes through the relay of SMTP_URL, news through one that signs and writes the envelope sender itself. */
async function twoRelays(
  environment: Record<string, string>,
): Promise<{ orders: SunkMail[]; news: SunkMail[] }> {
  engine = await Engine.start({ smtpUrl: sink.url, environment });
  await engine.app.get(DkimKeys, { strict: false }).create('shop.example');
  await addRelay(engine, {
    name: 'provider',
    url: newsSink.url,
    streams: ['news'],
    signing: 'relay',
    envelope: 'fixed',
  });
  await changeDefaultRelay(engine, { streams: ['orders', 'service'] });
  const { listId } = await engine.audience('garden', 5);
  await engine.blast(listId);
  for (const name of ['ada', 'ben', 'cleo']) await engine.send(`${name}@example.com`);
  await newsSink.until(() => newsSink.mails.length === 5);
  await sink.until(() => sink.mails.length === 3);
  return { orders: sink.mails, news: newsSink.mails };
}

/** Which delivery the envelope sender of a mail names. */
function named({ from }: SunkMail) {
  const [localPart = '', domain] = from.split('@');
  expect(domain).toBe('bounces.shop.example');
  return engine.app.get(BounceAddresses, { strict: false }).read(localPart);
}

async function delivered(mails: readonly SunkMail[]) {
  const rows = await engine.db
    .selectFrom('deliveries')
    .select(['bucket', 'id', 'address'])
    .where(
      'address',
      'in',
      mails.map(({ to }) => to),
    )
    .execute();
  return new Map(rows.map(({ address, bucket, id }) => [address, { bucket, id }]));
}

const signatures = ({ raw }: SunkMail) =>
  raw
    .toString('latin1')
    .split('\r\n\r\n')[0]!
    .match(/^DKIM-Signature:/gim)?.length ?? 0;

test('verp: each delivery has an envelope sender of its own, which names it', async () => {
  const { orders } = await twoRelays({ BOUNCE_DOMAIN: 'bounces.shop.example' });
  expect(new Set(orders.map(({ from }) => from)).size).toBe(3);
  const rows = await delivered(orders);
  for (const mail of orders) {
    expect(named(mail)).toEqual(rows.get(mail.to));
    expect(mail.from).toBe(mail.from.toLowerCase());
    expect(mail.from).not.toContain(mail.to.split('@')[0]);
  }
});

test('verp for news too: no two of a blast are the same', async () => {
  engine = await Engine.start({ smtpUrl: sink.url, environment: { BOUNCE_DOMAIN: 'bounces.shop.example' } });
  const { listId } = await engine.audience('garden', 30);
  const batch = await engine.blast(listId);
  await eventually(async () => (await engine.batchState(batch)) === 'finished');
  const rows = await delivered(sink.mails);
  expect(rows.size).toBe(30);
  for (const mail of sink.mails) expect(named(mail)).toEqual(rows.get(mail.to));
});

test('fixed: one envelope sender for all; the header still names the delivery', async () => {
  const { news } = await twoRelays({ BOUNCE_DOMAIN: 'bounces.shop.example' });
  expect(new Set(news.map(({ from }) => from))).toEqual(new Set(['bounces@bounces.shop.example']));
  const rows = await delivered(news);
  for (const { to, raw } of news) {
    expect(raw.toString('latin1')).toMatch(new RegExp(`^X-Postrider-Delivery: ${rows.get(to)?.id}\r$`, 'm'));
  }
});

test('without BOUNCE_DOMAIN it is the address of the sender, through either relay', async () => {
  const { orders, news } = await twoRelays({});
  expect(new Set([...orders, ...news].map(({ from }) => from))).toEqual(new Set(['news@shop.example']));
});

test('who signs: two signatures of ours, or none where the relay does it', async () => {
  const { orders, news } = await twoRelays({});
  expect(orders.map(signatures)).toEqual([2, 2, 2]);
  expect(news.map(signatures)).toEqual([0, 0, 0, 0, 0]);
});
