import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dkimpyVerifier, mailauthVerifier, NO_DKIMPY } from '../../../../test/support/dkim-verifiers.js';
import { composeMime } from '../mime/compose-mime.js';
import { makeDkimKey, readDkimKey, type DkimAlgorithm } from './dkim-key.js';
import { signDkim, type DkimSigner } from './sign-dkim.js';
import { SigningLimit } from './signing-limit.js';

const signer = async (selector: string, algorithm: DkimAlgorithm): Promise<DkimSigner> => ({
  domain: 'shop.example',
  selector,
  algorithm,
  privateKey: readDkimKey(algorithm, await makeDkimKey(algorithm)),
});

const signers = [await signer('r1', 'rsa-sha256'), await signer('e1', 'ed25519-sha256')];

const news = composeMime({
  from: { name: 'Zoë from the shop', address: 'news@shop.example' },
  to: [{ name: 'Ada', address: 'ada@example.com' }],
  replyTo: [{ name: '', address: 'help@shop.example' }],
  subject: 'A quiet month in the workshop, and a stool that took four attempts before it was light enough',
  date: new Date(),
  messageId: '0198f2a0.1@shop.example',
  fields: {
    'List-Unsubscribe': '<https://shop.example/unsubscribe/token>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': '<news.lists.shop.example>',
    'Feedback-ID': '1:news:news:shop-example',
  },
  text: 'Hello  Ada,\n\n  indented\tand ünlike\n\n',
  html: '<p>Hello  Ada</p>\n',
}).toString();

const bodies: [string, string][] = [
  ['a news mail', news],
  ['an empty body', `${news.slice(0, news.indexOf('\r\n\r\n'))}\r\n\r\n`],
  ['no body at all', `${news.slice(0, news.indexOf('\r\n\r\n'))}\r\n`],
  ['empty lines at the end', `${news}\r\n\r\n \t\r\n`],
  ['no line break at the end', `${news}the last line`],
  ['two Cc fields', `Cc: a@b.example\r\nCc: c@d.example\r\n${news}`],
  ['no Subject, To or Date', 'From: a@shop.example\r\n\r\nHello\r\n'],
  ['a local part in UTF-8', news.replace('ada@example.com', 'jörg@example.com')],
];

const change = (pattern: string | RegExp, replacement: string) => (raw: string) => {
  const changed = raw.replace(pattern, () => replacement);
  if (changed === raw) throw new Error(`Nothing to change for ${String(pattern)}`);
  return changed;
};

const forgeries: [string, (raw: string) => string][] = [
  ['a word of the body', change('indented', 'invented')],
  ['a line added to the body', (raw) => `${raw}more\r\n`],
  ['From', change('news@shop.example>', 'owner@shop.example>')],
  ['Reply-To', change('help@shop.example', 'help@evil.example')],
  ['List-Unsubscribe', change('unsubscribe/token', 'unsubscribe/other')],
  ['List-Unsubscribe-Post', change('=One-Click', '=Two-Click')],
  ['List-Unsubscribe taken away', change(/^List-Unsubscribe:.*\r\n/m, '')],
  ['List-Unsubscribe-Post taken away', change(/^List-Unsubscribe-Post:.*\r\n/m, '')],
  ['Content-Type', change('multipart/alternative', 'multipart/mixed')],
  ['another Subject before', (raw) => `Subject: You have won\r\n${raw}`],
  ['another Subject behind', change('\r\n\r\n', '\r\nSubject: You have won\r\n\r\n')],
  ['another From', (raw) => `From: boss@shop.example\r\n${raw}`],
  ['another To', (raw) => `To: bob@example.com\r\n${raw}`],
  ['another Date', (raw) => `Date: Mon, 01 Jan 2024 00:00:00 +0000\r\n${raw}`],
];

const harmless: [string, (raw: string) => string][] = [
  ['fields of the next server', (raw) => `Received: from a by b; now\r\nX-Spam: no\r\n${raw}`],
  ['another folding', change('Subject: A quiet month', 'Subject:\r\n\tA  quiet \r\n month')],
  [
    'lower-case names, spaces around values',
    change('Message-ID: <0198f2a0.1@shop.example>', 'message-id:  <0198f2a0.1@shop.example> \t'),
  ],
  ['white space at a line end of the body', change('Hello  Ada,', 'Hello  Ada, \t')],
  ['more white space in a line of the body', change('Hello  Ada,', 'Hello \t Ada,')],
  ['empty lines at the end', (raw) => `${raw}\r\n\r\n`],
];

const verifiers = { mailauth: mailauthVerifier(), dkimpy: dkimpyVerifier() };

for (const name of ['mailauth', 'dkimpy'] as const) {
  const verifier = verifiers[name];
  if (!verifier) {
    test.skip(`${name}: ${NO_DKIMPY}`, () => undefined);
    continue;
  }
  describe(`verified by ${name}`, () => {
    afterAll(() => verifier.close());
    const signed = async (raw: string) => (await signDkim(Buffer.from(raw), signers)).toString();
    const results = async (raw: string) => verifier.verify(Buffer.from(raw), signers);

    test.each(bodies)('holds for %s', async (_, raw) =>
      expect(await results(await signed(raw))).toEqual([true, true]),
    );

    test.each(forgeries)('breaks with %s', async (_, forge) =>
      expect(await results(forge(await signed(news)))).toEqual([false, false]),
    );

    test.each(harmless)('survives %s', async (_, alter) =>
      expect(await results(alter(await signed(news)))).toEqual([true, true]),
    );
  });
}

test('mailauth: holds for every header and body', async () => {
  const words = (...parts: string[]) =>
    fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((chosen) => chosen.join(''));
  const value = words('a', 'é', ' ', '\t', ':', '=', '\r\n b', '\r\n\tc');
  const body = words('a', 'é', ' ', '  ', '\t', '\r\n', '\r\n\r\n', '.', '=20');
  await fc.assert(
    fc.asyncProperty(value, value, body, async (subject, listId, text) => {
      const raw = `From: a@shop.example\r\nSubject:${subject}\r\nList-Id: x${listId}\r\n\r\n${text}`;
      const signed = await signDkim(Buffer.from(raw), signers);
      expect(await verifiers.mailauth.verify(signed, signers)).toEqual([true, true]);
    }),
    { numRuns: 150 },
  );
});

describe('a signature', () => {
  const field = async (raw: string, by = signers.slice(1)) => {
    const signed = (
      await signDkim(Buffer.from(raw), by, { at: new Date('2026-11-22T09:41:00.999Z') })
    ).toString();
    expect(signed.endsWith(raw)).toBe(true);
    return signed.slice(0, -raw.length);
  };
  const tags = (text: string) =>
    Object.fromEntries(
      text
        .replaceAll(/\r\n ?/g, '')
        .replace('DKIM-Signature: ', '')
        .split(/; ?/)
        .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
    );

  test('names what the standards ask for, oversigned, without a length', async () => {
    const { b, bh, ...rest } = tags(await field(news));
    expect(rest).toEqual({
      v: '1',
      a: 'ed25519-sha256',
      c: 'relaxed/relaxed',
      d: 'shop.example',
      s: 'e1',
      t: '1795340460',
      h: 'From:From:To:To:Subject:Subject:Date:Date:Message-ID:Reply-To:MIME-Version:Content-Type:List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID',
    });
    expect(Buffer.from(b ?? '', 'base64')).toHaveLength(64);
    expect(Buffer.from(bh ?? '', 'base64')).toHaveLength(32);
  });

  test('Subject, To and Date are oversigned where they are absent, so that they stay so', async () => {
    expect(tags(await field('From: a@shop.example\r\n\r\nHello\r\n'))['h']).toBe('From:From:To:Subject:Date');
  });

  test('is folded', async () => {
    const lines = (await field(news, signers)).split('\r\n');
    expect(lines.filter((line) => line.startsWith('DKIM-Signature: v=1; a='))).toHaveLength(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78);
  });

  test('without a signer the mail stays as it is', async () => {
    const raw = Buffer.from(news);
    expect(await signDkim(raw, [])).toBe(raw);
  });
});

describe('the limit', () => {
  test('so many are under way at once, the others wait for their turn', async () => {
    const limit = new SigningLimit(2);
    const order: string[] = [];
    const done: (() => void)[] = [];
    const work = ['a', 'b', 'c', 'd'].map((name) =>
      limit.run(async () => {
        order.push(name);
        await new Promise<void>((resolve) => done.push(resolve));
        return name;
      }),
    );
    await Promise.resolve();
    expect(order).toEqual(['a', 'b']);
    done[1]?.();
    expect(await work[1]).toBe('b');
    await new Promise(setImmediate);
    expect(order).toEqual(['a', 'b', 'c']);
    done[0]?.();
    done[2]?.();
    await work[2];
    await new Promise(setImmediate);
    done[3]?.();
    expect(await Promise.all(work)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a failed signature gives its place back', async () => {
    const limit = new SigningLimit(1);
    await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limit.run(() => Promise.resolve('yes'))).toBe('yes');
  });

  test('is what signDkim keeps to', async () => {
    let most = 0;
    let open = 0;
    class Counting extends SigningLimit {
      override run<T>(work: () => Promise<T>): Promise<T> {
        return super.run(async () => {
          most = Math.max(most, (open += 1));
          return work().finally(() => (open -= 1));
        });
      }
    }
    const limit = new Counting(2);
    await Promise.all(Array.from({ length: 10 }, () => signDkim(Buffer.from(news), signers, { limit })));
    expect(most).toBe(2);
  });
});
