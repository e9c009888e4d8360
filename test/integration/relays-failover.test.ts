import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Engine, eventually } from '../support/engine.js';
import { addRelay, byRelay, changeDefaultRelay } from '../support/relays.js';
import { Sink } from '../support/sink.js';

let better: Sink;
let other: Sink;
let engine: Engine;

beforeEach(async () => {
  [better, other] = [await Sink.start(), await Sink.start()];
  engine = await Engine.start({ smtpUrl: other.url });
});

afterEach(async () => {
  await engine.stop();
  await Promise.all([better.stop(), other.stop()]);
});

const delivery = async (messageId: string) => (await engine.messages.find(messageId))?.deliveries[0];
const sent = (messageId: string) =>
  eventually(async () => {
    const view = await delivery(messageId);
    return view?.state === 'sent' && view;
  });

test('the better relay is down: mail goes through the other one, and back again when it is up', async () => {
  await addRelay(engine, { name: 'better', url: better.url, priority: 1 });
  await sent(await engine.send('first@example.com'));
  expect(better.to('first@example.com')).toHaveLength(1);

  const { port } = better;
  await better.stop();
  const { listId } = await engine.audience('down', 30);
  const batch = await engine.blast(listId);
  for (const id of [await engine.send('second@example.com'), await engine.send('third@example.com')])
    await sent(id);
  await eventually(async () => (await engine.batchState(batch)) === 'finished');
  expect(await engine.counts(batch)).toMatchObject({ recipients: 30, sent: 30, failed: 0, unknown: 0 });
  expect(other.mails).toHaveLength(32);
  expect(await byRelay(engine)).toEqual([
    { relay: 'default', stream: 'news', state: 'sent', tries: 1, count: 30 },
    { relay: 'better', stream: 'orders', state: 'sent', tries: 1, count: 1 },
    { relay: 'default', stream: 'orders', state: 'sent', tries: 1, count: 2 },
  ]);

  better = await Sink.start({ port });
  let mails = 0;
  // A probe now and then finds out.
  await eventually(async () => {
    await sent(await engine.send(`again-${(mails += 1)}@example.com`));
    return better.mails.length > 0;
  }, 40_000);
  await sent(await engine.send('last@example.com'));
  expect(better.to('last@example.com')).toHaveLength(1);
  const rows = await byRelay(engine);
  expect(rows.every(({ state, tries }) => state === 'sent' && tries === 1)).toBe(true);
});

test('each stream goes through the relay that carries it', async () => {
  const bulk = better;
  await addRelay(engine, { name: 'bulk', url: bulk.url, streams: ['news'], priority: 50 });
  await changeDefaultRelay(engine, { streams: ['orders', 'service'] });
  const { listId, addresses } = await engine.audience('garden', 20);
  const batch = await engine.blast(listId);
  await sent(await engine.send('order@example.com', 'orders'));
  await sent(await engine.send('service@example.com', 'service'));
  await eventually(async () => (await engine.batchState(batch)) === 'finished');
  expect(bulk.mails.map(({ to }) => to).toSorted()).toEqual(addresses.toSorted());
  expect(other.mails.map(({ to }) => to).toSorted()).toEqual(['order@example.com', 'service@example.com']);
  expect((await byRelay(engine)).map(({ relay, stream, count }) => [stream, relay, count])).toEqual([
    ['news', 'bulk', 20],
    ['orders', 'default', 1],
    ['service', 'default', 1],
  ]);
});
