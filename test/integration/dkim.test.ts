import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DkimKeys } from '../../src/modules/delivery/index.js';
import { dkimpyVerifier, mailauthVerifier, NO_DKIMPY } from '../support/dkim-verifiers.js';
import { Engine, eventually } from '../support/engine.js';
import { Sink } from '../support/sink.js';

let sink: Sink;
let engine: Engine;
let keys: DkimKeys;

beforeAll(async () => {
  sink = await Sink.start();
  engine = await Engine.start({ smtpUrl: sink.url });
  keys = engine.app.get(DkimKeys, { strict: false });
  await keys.create('shop.example');
});

afterAll(async () => {
  await engine.stop();
  await sink.stop();
});

const verifiers = { mailauth: mailauthVerifier(), dkimpy: dkimpyVerifier() };

for (const name of ['mailauth', 'dkimpy'] as const) {
  const verifier = verifiers[name];
  if (!verifier) {
    test.skip(`${name}: ${NO_DKIMPY}`, () => undefined);
    continue;
  }
  afterAll(() => verifier.close());

  test(`order mail and news are signed with both keys, as ${name} sees it after SMTP`, async () => {
    const { listId } = await engine.audience(name, 3, `${name}.example`);
    await engine.send(`order@${name}.example`, 'orders', 'Größe 42 – Ihre Bestellung');
    await engine.blast(listId, `.\n\nFrom here on   *everything* is new: ${'Wörter '.repeat(50)}`);
    const mails = await sink.until(() => {
      const some = sink.mails.filter(({ to }) => to.endsWith(`@${name}.example`));
      return some.length === 4 && some;
    });
    const signers = await keys.signersFor('shop.example');
    for (const { raw } of mails) expect(await verifier.verify(raw, signers)).toEqual([true, true]);
    const news = mails.find(({ to }) => to.startsWith(name));
    const header = news?.raw.toString('latin1').split('\r\n\r\n')[0]?.replaceAll('\r\n ', '');
    expect(header?.match(/h=\S*:List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID;/g)).toHaveLength(
      2,
    );
  });
}

test('a name that no header field can hold fails its own mail only', async () => {
  const recipient = await engine.person('split@example.com', 'Ada\r\nBcc: evil@example.com');
  const content = { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' };
  const { id } = await engine.db.work((work) =>
    engine.messages.accept(work, {
      stream: 'orders',
      locale: 'en',
      content,
      recipients: [recipient],
      automatic: true,
    }),
  );
  const failed = await eventually(async () => {
    const view = (await engine.messages.find(id))?.deliveries[0];
    return view?.state === 'failed' && view;
  });
  expect(failed.reason).toBe('content: To holds a line break or NUL');
  expect(sink.to('split@example.com')).toEqual([]);
});
