import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { Engine } from '../../../test/support/engine.js';
import { newId } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Senders } from '../lists/index.js';
import { Templates } from '../templates/index.js';
import type { Checked, ClaimedDelivery } from './claim.types.js';
import { Composer } from './composer.js';
import type { MailSource } from './mail-source.js';

let engine: Engine;
let source: MailSource;
const relay = { signing: 'ours', envelope: 'verp' } as const;
const ids = { subscription: newId(), batch: newId() };

beforeAll(async () => {
  engine = await Engine.start({ smtpUrl: 'smtp://127.0.0.1:9' });
  const templates = engine.app.get(Templates, { strict: false });
  const content = 'Hello {{ recipient.name | default: "there" }}, this is {{ brand.name }}.';
  const revisionId = await engine.db.work(({ trx }) =>
    templates.addRevision(trx, templates.news({ subject: 'News', content })),
  );
  const sender = await engine.app.get(Senders, { strict: false }).first(engine.db);
  source = {
    kind: 'batch',
    batch: {
      id: ids.batch,
      bucket: '2026-11-01',
      state: 'open',
      senderId: sender?.id ?? '',
      revisionId,
      name: 'News',
      retryHours: null,
      kind: 'campaign',
      variables: null,
    },
  };
});
afterAll(() => engine.stop());

async function compose(change: Partial<Checked> = {}): Promise<Buffer> {
  const item = { id: 41, personId: newId(), address: 'ada@example.com' } as ClaimedDelivery;
  const checked: Checked = {
    id: item.id,
    skip: null,
    held: false,
    name: 'Ada',
    locale: null,
    timezone: null,
    subscriptionId: ids.subscription,
    list: { slug: 'workshop', name: 'The Workshop Letter' },
    ...change,
  };
  const mail = await engine.app.get(Composer, { strict: false }).compose(item, checked, source, relay);
  return mail.raw;
}

test('a news mail has the fields of its stream, in their order, and a link that leaves the list', async () => {
  const { headers, text, html } = await PostalMime.parse(await compose());
  expect(headers.map(({ originalKey }) => originalKey)).toEqual([
    'From',
    'To',
    'Subject',
    'Date',
    'Message-ID',
    'List-Unsubscribe',
    'List-Unsubscribe-Post',
    'List-Id',
    'Feedback-ID',
    'X-Postrider-Delivery',
    'MIME-Version',
    'Content-Type',
  ]);
  const value = Object.fromEntries(headers.map((field) => [field.originalKey, field.value]));
  expect(value['Message-ID']).toBe(`<${ids.batch}.41@shop.example>`);
  expect(value['X-Postrider-Delivery']).toBe('41');
  const url = value['List-Unsubscribe']?.slice(1, -1) ?? '';
  expect(
    engine.app.get(LinkTokens, { strict: false }).read(url.split('/').at(-1) ?? '', 'unsubscribe'),
  ).toEqual({
    purpose: 'unsubscribe',
    subject: ids.subscription,
    delivery: 41,
  });
  expect(html).toContain(url);
  expect(text).toContain(`Unsubscribe: ${url}`);
  expect(text).toContain('Hello Ada, this is Shop.');
});

test('a name that can stand in no mail is an error that names the field', async () => {
  await expect(compose({ name: 'Ada\r\nBcc: b@example.com' })).rejects.toThrow(
    'To holds a line break or NUL',
  );
});

test('a change of the brand shows within five seconds, though mails go on', async () => {
  const now = performance.now.bind(performance);
  let passed = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
  const pass = async (milliseconds: number) => {
    passed += milliseconds;
    // The cache looks at the clock once a millisecond.
    await wait(5);
  };
  try {
    expect((await compose()).toString()).toContain('this is Shop.');
    await engine.db.updateTable('brands').set({ name: 'Birch' }).execute();
    for (let mails = 0; mails < 4; mails += 1) {
      await pass(1_000);
      await compose();
    }
    await pass(1_500);
    expect((await compose()).toString()).toContain('this is Birch.');
  } finally {
    clock.mockRestore();
  }
});
