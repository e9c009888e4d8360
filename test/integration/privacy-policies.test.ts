import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import PostalMime, { type Email } from 'postal-mime';
import { newId } from '../../src/domain/index.js';
import { eventually } from '../support/engine.js';
import { Install } from '../support/install.js';

let install: Install;
/** The one of `Install`. */
const API_KEY = 'pr_install_test_key';
const body = { en: '# Who we are\n\nWe keep **little**.', de: '# Wer wir sind\n\nWir speichern **wenig**.' };

beforeAll(async () => {
  install = await Install.start();
});
afterAll(() => install.stop());

const visit = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${install.url}${path}`, { headers: { accept: 'text/html' }, ...init });
  return { status: response.status, headers: response.headers, html: await response.text() };
};
const publish = (version: string, revisedOn = '2026-11-22') =>
  install.done('POST', '/v1/privacy-policies', { version, revisedOn, body });
const report = (version: string) => install.done('GET', `/v1/privacy-policies/${version}/announcement`);

describe('policies', () => {
  test('there is a kind page while none is published', async () => {
    const { status, html, headers } = await visit('/privacy');
    expect(status).toBe(404);
    expect(html).toContain('postrider policy publish');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('are published once, and read by everybody in their language', async () => {
    const request = { version: '2026-10', revisedOn: '2026-10-01', body };
    const key = { 'Idempotency-Key': 'policy-1' };
    const first = await install.call('POST', '/v1/privacy-policies', request, key);
    expect(first).toMatchObject({
      status: 201,
      body: { version: '2026-10', current: true, locales: ['de', 'en'], body },
    });
    expect(await install.call('POST', '/v1/privacy-policies', request, key)).toEqual(first);
    expect(await install.call('POST', '/v1/privacy-policies', request)).toMatchObject({
      status: 409,
      body: { name: 'policy_exists' },
    });
    await publish('2026-11');
    expect(await install.done('GET', '/v1/privacy-policies')).toMatchObject({
      data: [
        { version: '2026-11', current: true },
        { version: '2026-10', current: false },
      ],
    });
    const english = await visit('/privacy');
    expect(english.status).toBe(200);
    expect(english.html).toMatch(/Revised on November 22, 2026[\s\S]*<h2>Who we are<\/h2>/);
    expect(english.html).toContain('href="/privacy/2026-10"');
    const german = await visit('/privacy', {
      headers: { accept: 'text/html', 'accept-language': 'de-AT,en;q=0.5' },
    });
    expect(german.html).toMatch(/Stand: 22\. November 2026[\s\S]*<h2>Wer wir sind<\/h2>/);
    const earlier = await visit('/privacy/2026-10');
    expect(earlier.html).toMatch(/earlier version, revised on October 1, 2026[\s\S]*href="\/privacy"/);
    expect((await visit('/privacy/none')).status).toBe(404);
  });

  test.each<[string, object, string]>([
    ['no day', { revisedOn: '22.11.2026', body }, 'revisedOn'],
    ['a day that is none', { revisedOn: '2026-02-30', body }, 'revisedOn'],
    ['no text', { revisedOn: '2026-11-22', body: {} }, 'body'],
    ['a language that is none', { revisedOn: '2026-11-22', body: { 'not a tag': 'x' } }, 'body.not a tag'],
    ['an empty text', { revisedOn: '2026-11-22', body: { en: '' } }, 'body.en'],
    ['a version with a path in it', { version: '../x', revisedOn: '2026-11-22', body }, 'version'],
    ['a version that is a page', { version: 'accept', revisedOn: '2026-11-22', body }, 'version'],
    ['more than it takes', { revisedOn: '2026-11-22', body, html: '<p>' }, ''],
  ])('%s is refused, and says where', async (_, request, field) => {
    const { status, body: answer } = await install.call('POST', '/v1/privacy-policies', request);
    expect(status).toBe(422);
    expect(JSON.stringify(answer.details)).toContain(field);
  });
});

describe('telling people of it', () => {
  const mailTo = async (address: string): Promise<Email> => {
    const raw = await install.sink.until(
      () =>
        install.sink
          .to(address)
          .find(({ raw: bytes }) => bytes.includes('Feedback-ID') && bytes.includes(':notice:'))?.raw,
    );
    return PostalMime.parse(raw);
  };
  const header = (mail: Email, name: string) =>
    mail.headers.find(({ key }) => key === name.toLowerCase())?.value;
  const finished = (version: string) =>
    eventually(async () => {
      const view = await report(version);
      return view.state === 'finished' && view;
    });
  let acceptPath: string;

  beforeAll(async () => {
    await install.done('POST', '/v1/lists', { slug: 'letters', name: 'Letters' });
    await install.done('POST', '/v1/lists', { slug: 'sales', name: 'Sales' });
    await install.subscribed('ada@example.com', ['letters'], { name: 'Ada' });
    await install.subscribed('eva@example.com', ['sales', 'letters'], { locale: 'de' });
    await install.subscribed('bounced@example.com', ['sales']);
    await install.subscribed('spam@example.com', ['sales']);
    const erased = await install.subscribed('erased@example.com', ['sales']);
    const left = await install.subscribed('left@example.com', ['sales']);
    await install.db
      .insertInto('suppressions')
      .values(
        [
          { id: newId(), canonical: 'bounced@example.com', scope: 'all', reason: 'hard_bounce' },
          { id: newId(), canonical: 'spam@example.com', scope: 'all', reason: 'complaint' },
        ].map(
          (row) =>
            ({ ...row, list_id: null, evidence: null, released_at: null, release_note: null }) as never,
        ),
      )
      .execute();
    await install.done('DELETE', `/v1/subscribers/${erased}`);
    const { subscriptions } = await install.done('GET', `/v1/subscribers/${left}`);
    await install.done('DELETE', `/v1/subscriptions/${subscriptions[0].id}`);
    await install.done('POST', '/v1/subscriptions', {
      email: 'never-confirmed@example.com',
      lists: ['letters'],
      consent: { text: 'Yes', source: 'https://shop.example/' },
    });
  });

  test('goes to everybody whose data is kept, once, and to nobody else', async () => {
    const asked = {
      audience: 'everyone',
      acceptance: 'asked',
      message: { en: 'A new parcel service.\nNothing else.', de: 'Ein neuer Paketdienst.' },
    };
    const { status, body: made } = await install.call('POST', '/v1/privacy-policies/2026-11/announce', asked);
    expect(status).toBe(202);
    expect(made).toMatchObject({
      version: '2026-11',
      acceptance: 'asked',
      audience: 'everyone',
      accepted: 0,
    });
    const view = await finished('2026-11');
    expect(view.counts).toEqual({
      recipients: 5,
      queued: 0,
      sending: 0,
      deferred: 0,
      sent: 4,
      failed: 0,
      skipped: 1,
      unknown: 0,
    });
    const reached = install.sink.mails
      .filter(({ raw }) => raw.includes(':notice:'))
      .map(({ to }) => to)
      .toSorted();
    expect(reached).toEqual(['ada@example.com', 'eva@example.com', 'left@example.com', 'spam@example.com']);
    expect(await install.call('POST', '/v1/privacy-policies/2026-11/announce', asked)).toMatchObject({
      status: 409,
      body: { name: 'policy_announced' },
    });
  });

  test('is service mail: automatic, without a list, in the person’s language', async () => {
    const mail = await mailTo('ada@example.com');
    expect(mail.subject).toBe('Shop: our privacy policy has changed');
    expect(mail.text).toMatch(
      /Hello Ada,[\s\S]*November 22, 2026[\s\S]*A new parcel service\.\nNothing else\./,
    );
    expect(header(mail, 'Auto-Submitted')).toBe('auto-generated');
    expect(mail.headers.filter(({ key }) => key.startsWith('list-') || key === 'precedence')).toEqual([]);
    const german = await mailTo('eva@example.com');
    expect(german.subject).toBe('Shop: Unsere Datenschutzerklärung hat sich geändert');
    expect(german.text).toMatch(/22\. November 2026[\s\S]*Ein neuer Paketdienst\./);
    acceptPath = /\/privacy\/accept\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '';
    expect(acceptPath).not.toBe('');
  });

  test('nobody agrees by looking, and who presses the button agrees to the words that were shown', async () => {
    const page = await visit(acceptPath);
    expect(page.status).toBe(200);
    expect(page.html).toMatch(
      /<h2>Who we are<\/h2>[\s\S]*I have read the privacy policy of Shop as revised on November 22, 2026, and I agree to it\./,
    );
    expect((await visit(acceptPath, { method: 'HEAD' })).status).toBe(200);
    expect((await visit(acceptPath, { method: 'POST' })).html).toContain('I agree');
    const unknown = new URLSearchParams({ version: 'none', locale: 'no language' });
    expect((await visit(acceptPath, { method: 'POST', body: unknown })).status).toBe(404);
    expect((await report('2026-11')).accepted).toBe(0);
    for (const locale of ['en', 'no language']) {
      const form = new URLSearchParams({ version: '2026-11', locale });
      const done = await visit(acceptPath, { method: 'POST', body: form });
      expect(done.status).toBe(200);
      expect(done.html).toContain('that is noted');
    }
    expect((await report('2026-11')).accepted).toBe(1);
    const { rows } = await install.db.pool.query(
      `SELECT facts, personal FROM consent_ledger WHERE facts->>'textVersion' = 'policy-accept-1'`,
    );
    expect(rows).toMatchObject([
      {
        facts: {
          text: 'I have read the privacy policy of Shop as revised on November 22, 2026, and I agree to it.',
          policyVersion: '2026-11',
          source: 'http://127.0.0.1:3000/privacy/accept',
        },
        personal: { ip: '127.0.0.0/24' },
      },
    ]);
    const events = await install.db.pool.query(`SELECT data FROM events WHERE type = 'policy.accepted'`);
    expect(events.rows).toEqual([{ data: { version: '2026-11' } }]);
  });

  test.each(['forged', 'cut'])('a %s link opens nothing', async (kind) => {
    const token = kind === 'cut' ? acceptPath.slice(0, -3) : '/privacy/accept/AAAAAAAAAAAA';
    expect((await visit(token)).status).toBe(404);
    expect((await visit(token, { method: 'POST' })).status).toBe(404);
  });

  test('to the readers of a list, held, let go and called off like a campaign', async () => {
    await publish('2026-12');
    expect(
      await install.call('POST', '/v1/privacy-policies/2026-11/announce', { audience: 'everyone' }),
    ).toMatchObject({
      status: 409,
      body: { name: 'policy_outdated' },
    });
    expect(
      await install.call('POST', '/v1/privacy-policies/2026-12/announce', {
        audience: { lists: ['nothing'] },
      }),
    ).toMatchObject({ status: 422 });
    expect((await install.call('GET', '/v1/privacy-policies/2026-12/announcement')).status).toBe(404);
    await install.done('POST', '/v1/privacy-policies/2026-12/announce', { audience: { lists: ['letters'] } });
    expect((await finished('2026-12')).counts).toMatchObject({ recipients: 2, sent: 2 });
    const calm = install.sink.to('ada@example.com').at(-1)!;
    expect((await PostalMime.parse(calm.raw)).text).toMatch(
      /http:\/\/127\.0\.0\.1:3000\/privacy\/2026-12\n\nYou need not do anything\./,
    );
    expect(await install.call('POST', '/v1/privacy-policies/2026-12/announcement/pause')).toMatchObject({
      status: 409,
      body: { name: 'wrong_state' },
    });

    await publish('2027-01');
    install.sink.options = { delayMs: 400 };
    await install.done('POST', '/v1/privacy-policies/2027-01/announce', { audience: 'subscribers' });
    await install.done('POST', '/v1/privacy-policies/2027-01/announcement/cancel');
    const cancelled = await eventually(async () => {
      const view = await report('2027-01');
      const { queued, sending, deferred } = view.counts;
      return view.complete && queued + sending + deferred === 0 && view;
    });
    expect(cancelled.state).toBe('cancelled');
    expect(cancelled.counts.recipients).toBe(cancelled.counts.sent + cancelled.counts.skipped);
  });
});

describe('the proof of one person', () => {
  test('as data and as a page: the words, where, when, from where, the mail, and that it holds', async () => {
    const { data } = await install.done('POST', '/v1/subscribers/search', { email: 'ada@example.com' });
    const proof = await install.done('GET', `/v1/subscribers/${data[0].id}/consent`);
    expect(proof).toMatchObject({ person: { address: 'ada@example.com', name: 'Ada' }, isIntact: true });
    expect(proof.entries).toMatchObject([
      {
        act: 'asked',
        list: { slug: 'letters', name: 'Letters' },
        text: 'Yes, send me news',
        source: 'https://shop.example/checkout',
        isIntact: true,
      },
      {
        act: 'confirmed',
        list: { slug: 'letters' },
        ip: '127.0.0.0/24',
        mail: { id: expect.any(String), sentAt: expect.any(String) },
      },
      { act: 'changed', list: null, policyVersion: '2026-11', textVersion: 'policy-accept-1' },
    ]);
    const page = await fetch(`${install.url}/v1/subscribers/${data[0].id}/consent?format=html`, {
      headers: { Authorization: `Bearer ${API_KEY}` },
    });
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const words of [
      'ada@example.com',
      'Yes, send me news',
      'https://shop.example/checkout',
      '127.0.0.0/24',
      '2026-11',
    ])
      expect(html).toContain(words);
    const none = await fetch(`${install.url}/v1/subscribers/${data[0].id}/consent`);
    expect(none.status).toBe(401);
  });

  test('says so when an entry was changed', async () => {
    const { data } = await install.done('POST', '/v1/subscribers/search', { email: 'eva@example.com' });
    await install.db.pool.query(
      `SET session_replication_role = replica;
       UPDATE consent_ledger SET facts = facts || '{"text":"Yes to all"}' WHERE person_id = '${data[0].id}' AND act = 'asked';
       RESET session_replication_role`,
    );
    const proof = await install.done('GET', `/v1/subscribers/${data[0].id}/consent`);
    expect(proof.isIntact).toBe(false);
    const bad = proof.entries.filter(({ isIntact }: { isIntact: boolean }) => !isIntact);
    expect(bad.map(({ act }: { act: string }) => act)).toEqual(['asked', 'asked']);
  });
});
