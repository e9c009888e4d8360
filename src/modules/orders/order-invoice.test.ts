import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { TestApi } from '../../../test/support/api.js';
import { Engine } from '../../../test/support/engine.js';
import { Sink } from '../../../test/support/sink.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { OrdersModule, ordersControllers } from './index.js';

let sink: Sink;
let api: TestApi;
let engine: Engine;

beforeAll(async () => {
  sink = await Sink.start();
  api = await TestApi.start({ modules: [OrdersModule], controllers: ordersControllers });
  engine = await Engine.start({ smtpUrl: sink.url, ...api.shared });
});
afterAll(async () => {
  await engine.stop();
  await api.stop();
  await sink.stop();
});

const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(2 * 1024 * 1024)]);
const paid = (id: string, invoice: object) => ({
  id,
  type: 'order.paid',
  occurredAt: '2026-11-22T09:41:00Z',
  order: { id, number: id, currency: 'EUR', items: [{ name: 'Bowl', quantity: 1 }], total: '1.00' },
  customer: { email: `${id}@example.com` },
  invoice,
});

test('an invoice goes with the mail, and is kept with the mail alone', async () => {
  const event = paid('invoiced', {
    filename: 'Rechnung Nº 7.pdf',
    content: PDF.toString('base64'),
    contentType: 'application/pdf',
  });
  expect(await api.post('/v1/order-events', event)).toMatchObject({ status: 202 });
  expect(await api.post('/v1/order-events', event)).toMatchObject({ status: 200 });
  const { raw } = await sink.until(() => sink.to('invoiced@example.com')[0]);
  const { attachments } = await PostalMime.parse(raw);
  expect(attachments).toMatchObject([{ filename: 'Rechnung Nº 7.pdf', mimeType: 'application/pdf' }]);
  expect(Buffer.from(attachments[0]!.content as ArrayBuffer).equals(PDF)).toBe(true);
  expect(sink.to('invoiced@example.com')).toHaveLength(1);

  const { body } = await api.db
    .selectFrom('order_events')
    .select('body')
    .where('event_id', '=', 'invoiced')
    .executeTakeFirstOrThrow();
  expect(api.get(KeyRing).unsealJson('content', body!)).toMatchObject({
    invoice: { filename: 'Rechnung Nº 7.pdf', contentType: 'application/pdf' },
  });
  expect(body!.length).toBeLessThan(2_000);
});

test('an invoice that is none is refused by its field, and nothing is stored', async () => {
  const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]).toString('base64');
  for (const [invoice, field] of [
    [{ filename: 'invoice.exe', content: PDF.toString('base64') }, 'invoice.filename'],
    [{ filename: 'invoice.pdf', content: program }, 'invoice.content'],
    [{ filename: 'invoice.pdf', content: '%%%' }, 'invoice.content'],
    [{ filename: 'invoice.pdf' }, 'invoice.content'],
  ] as const) {
    const answer = await api.post('/v1/order-events', paid('refused', invoice));
    expect(answer).toMatchObject({ status: 422, body: { details: [{ field }] } });
  }
  const { rows } = await api.db.pool.query("SELECT 1 FROM order_events WHERE event_id = 'refused'");
  expect(rows).toEqual([]);
});
