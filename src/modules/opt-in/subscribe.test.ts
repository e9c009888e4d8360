import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { ConsentLedger, Policies } from '../consent/index.js';
import { People } from '../subscribers/index.js';
import { FormSeal } from './form-seal.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters', { name: 'The Sunday Letter' });
  await people.list('sales');
  await people.list('private', { visibility: 'private' });
  await people.list('closed');
  await people.api.call('PATCH', '/v1/lists/closed', { archived: true });
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
});

type Fields = Record<string, string | string[]>;

function encoded<T extends URLSearchParams | FormData>(form: T, fields: Fields): T {
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) form.append(name, one);
  return form;
}
const post = (fields: Fields, headers?: Record<string, string>) =>
  people.submit('/subscribe', encoded(new URLSearchParams(), fields), headers);
const person = (canonical: string) => people.api.get(People).byAddress(people.api.db, canonical);
/** The sealed field of a form that was opened three seconds ago, as a person's was. */
const filledIn = (started: string) => {
  const opened = people.api.get(FormSeal).open(started);
  if (!opened) throw new Error('this field does not open');
  return people.api.get(FormSeal).seal(opened.shown, Date.now() - 3_000);
};
const waiting = async () =>
  (await people.api.db.selectFrom('sign_ups').select('id').where('state', '=', 'waiting').execute()).length;
const hidden = (html: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

describe('the form', () => {
  test('offers all public lists, or the ones that are named', async () => {
    const all = await people.visit('/subscribe');
    expect(all.status).toBe(200);
    expect(all.html).toContain('value="letters"');
    expect(all.html).toContain('value="sales"');
    expect(all.html).not.toMatch(/private|closed|checked/);
    expect(all.headers.get('set-cookie')).toBeNull();
    const one = await people.visit('/subscribe?list=letters&utm_source=x');
    expect(hidden(one.html, 'list')).toBe('letters');
    expect(one.html).toContain('I would like to receive “The Sunday Letter” from Shop by email.');
    const two = await people.visit('/subscribe?list=letters&list=sales');
    expect(two.html.match(/type="checkbox"/g)).toHaveLength(2);
  });

  test.each(['none', 'private', 'closed', '%00'])('there is no form for %s', async (slug) => {
    expect((await people.visit(`/subscribe?list=${slug}`)).status).toBe(404);
  });
});

describe('posting', () => {
  test.each<[string, () => URLSearchParams | FormData]>([
    ['urlencoded', () => new URLSearchParams()],
    ['multipart', () => new FormData()],
  ])('%s asks for the lists and answers with the page', async (kind, form) => {
    const email = `${kind}@example.com`;
    const fields = { email: ` ${email} `, list: ['letters', 'sales'], name: 'Ada', locale: 'de' };
    const page = await people.submit('/subscribe', encoded(form(), fields));
    expect(page.status).toBe(200);
    expect(page.headers.get('location')).toBeNull();
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.html).toContain(email);
    expect(await person(email)).toBeUndefined();
    await people.settle();
    expect(await person(email)).toMatchObject({ name: 'Ada', locale: 'de' });
    const [mail] = await people.mailsTo(email);
    expect(mail!.variables.lists.map(({ name }) => name)).toEqual(['The Sunday Letter', 'The sales']);
  });

  test('the ledger keeps the very words that the page showed, and where', async () => {
    const { html } = await people.visit('/subscribe?list=letters');
    const shown = /<p id="consent">([^<]+)<\/p>/.exec(html)?.[1];
    await people.api.call('PATCH', '/v1/lists/letters', { name: 'Renamed' });
    const headers = {
      Referer: 'https://shop.example/blog?session=secret#top',
      'User-Agent': 'Mozilla/5.0 Firefox/145.0',
    };
    const started = filledIn(hidden(html, 'started'));
    await post({ email: 'words@example.com', list: 'letters', started }, headers);
    await people.settle();
    await people.api.call('PATCH', '/v1/lists/letters', { name: 'The Sunday Letter' });
    const { id } = (await person('words@example.com'))!;
    const [row] = await people.api.get(ConsentLedger).ofPerson(people.api.db, id);
    expect(row).toMatchObject({
      act: 'asked',
      facts: {
        text: shown,
        textVersion: expect.stringMatching(/^form-[0-9a-f]{8}-en$/),
        source: 'https://shop.example/blog',
      },
      personal: { ip: '127.0.0.0/24', client: 'Firefox' },
    });
    await post({ email: 'plain@example.com', list: 'letters' });
    await people.settle();
    const plain = (await person('plain@example.com'))!;
    const [bare] = await people.api.get(ConsentLedger).ofPerson(people.api.db, plain.id);
    expect(bare!.facts).toMatchObject({ text: shown, source: 'https://mail.shop.example/subscribe' });
  });

  test('the answer is the same for every address', async () => {
    await people.confirmed('known@example.com', ['letters']);
    const asked = async (email: string, more: Fields = {}) => {
      const { status, html } = await post({ email, list: 'letters', ...more });
      return { status, html: html.replaceAll(email, 'ADDRESS') };
    };
    const unknown = await asked('unknown@example.com');
    expect(await asked('unknown@example.com')).toEqual(unknown);
    expect(await asked('known@example.com')).toEqual(unknown);
    expect(await asked('robot@example.com', { website: 'https://spam.example' })).toEqual(unknown);
    await people.settle();
    expect(await person('robot@example.com')).toBeUndefined();
  });

  test('the request does the same work for a known address as for an unknown one', async () => {
    await people.confirmed('busy@example.com', ['letters']);
    const statements = async (email: string) => {
      const said: string[] = [];
      const { pool } = people.api.db;
      const listen = (client: { query: (...all: unknown[]) => unknown }) => {
        const { query } = client;
        client.query = (...all: unknown[]) => {
          const [first] = all as [string | { text: string }];
          said.push(typeof first === 'string' ? first : first.text);
          return query.apply(client, all);
        };
      };
      pool.on('acquire', listen);
      await post({ email, list: 'letters' });
      pool.off('acquire', listen);
      return [...new Set(said)].toSorted();
    };
    const known = await statements('busy@example.com');
    expect(known.some((text) => text.includes('sign_ups'))).toBe(true);
    expect(known.some((text) => /"?people"?/.test(text))).toBe(false);
    expect(await statements('nobody-knows@example.com')).toEqual(known);
  });

  test('an address that is on the list already hears so once a day, from the worker', async () => {
    await people.confirmed('already@example.com', ['letters', 'sales']);
    const told = async () =>
      (await people.mailsTo('already@example.com')).filter(({ subject }) => subject.includes('already'));
    await post({ email: 'already@example.com', list: 'letters' });
    expect((await told()).map(({ variables }) => variables.lists)).toEqual([
      [{ name: 'The Sunday Letter', description: null }],
    ]);
    await post({ email: 'already@example.com', list: ['letters', 'sales'] });
    expect(await told()).toHaveLength(1);
    await people.api.db
      .updateTable('sign_ups')
      .set({ settled_at: new Date(Date.now() - 25 * 3_600_000) })
      .where('reason', '=', 'already')
      .execute();
    await post({ email: 'already@example.com', list: 'letters' });
    expect(await told()).toHaveLength(2);
  });

  test('a stranger cannot rename a person, and no mail greets by what was typed', async () => {
    await people.confirmed('named@example.com', ['letters'], { name: 'Ada', locale: 'en' });
    await post({ email: 'named@example.com', list: 'sales', name: 'WIN http://spam.example', locale: 'fr' });
    await people.settle();
    expect(await person('named@example.com')).toMatchObject({ name: 'Ada', locale: 'en' });
    for (const { variables } of await people.mailsTo('named@example.com'))
      expect(JSON.stringify(variables)).not.toContain('spam');
    await post({ email: 'new@example.com', list: 'sales', name: 'WIN http://spam.example' });
    const [mail] = await people.mailsTo('new@example.com');
    expect(mail!.variables.recipient).toMatchObject({ name: null });
  });

  test('nor name somebody who has none, nor be read in the welcome of a list with single opt-in', async () => {
    await people.list('instant', { optIn: 'single' });
    const typed = { list: 'instant', name: 'WIN http://spam.example', locale: 'fr' };
    await people.confirmed('nameless@example.com', ['letters']);
    for (const email of ['nameless@example.com', 'unasked@example.com']) {
      await post({ email, ...typed });
      const mail = (await people.mailsTo(email)).at(-1);
      expect(mail).toMatchObject({ subject: 'Welcome to Shop', variables: { recipient: { name: null } } });
    }
    expect(await person('nameless@example.com')).toMatchObject({ name: null, locale: null });
  });

  test('the mails are in the language of the browser where the form names none', async () => {
    const headers = { 'Accept-Language': 'fr, de-AT;q=0.9, en;q=0.1' };
    const body = new URLSearchParams({ email: 'wien@example.com', list: 'letters' });
    await people.visit('/subscribe', { method: 'POST', body, headers });
    await people.settle();
    expect(await person('wien@example.com')).toMatchObject({ locale: 'de-AT' });
    await post({ email: 'silent@example.com', list: 'letters' });
    await people.settle();
    expect(await person('silent@example.com')).toMatchObject({ locale: null });
  });

  test('sealed words count for the lists that they name and for no other', async () => {
    const { html } = await people.visit('/subscribe?list=letters');
    const started = filledIn(hidden(html, 'started'));
    const page = await post({ email: 'swapped@example.com', list: ['letters', 'sales'], started });
    expect(page.status).toBe(422);
    expect(await waiting()).toBe(0);
  });

  test.each<[Fields, RegExp]>([
    [{ list: 'letters' }, /Enter your email address/],
    [{ email: 'ada@example', list: 'letters' }, /Check the email address/],
    [{ email: 'wrong@example.com' }, /Choose at least one/],
    [{ email: 'wrong@example.com', list: 'none' }, /no longer exists/],
    [{ email: 'wrong@example.com', list: ['letters', 'private'] }, /no longer exists/],
    [{ email: 'wrong@example.com', list: 'closed' }, /no longer exists/],
    [{ email: 'wrong@example.com', list: 'letters', name: 'x'.repeat(201) }, /shorter name/],
    [
      { email: 'wrong@example.com', list: 'letters', name: 'Ada\r\nBcc: x@example.com' },
      /one line of plain text/,
    ],
    [{ email: 'wrong@example.com', list: 'letters', name: 'Ada\0' }, /one line of plain text/],
    [{ email: 'wrong@example.com', list: 'letters', started: 'forged' }, /open for a long time/],
    [{ email: 'wrong@example.com\0', list: 'letters' }, /Check the email address/],
    [{}, /Enter your email address/],
  ])('%j is shown again with what is wrong', async (fields, problem) => {
    const page = await post(fields);
    expect(page.status).toBe(422);
    expect(page.html).toMatch(problem);
    expect(await waiting()).toBe(0);
  });

  test('what was typed comes back, escaped; a form for one list stays one', async () => {
    const { html } = await people.visit('/subscribe?list=sales');
    const page = await post({
      email: '"><script>',
      name: '<b>',
      list: 'sales',
      started: hidden(html, 'started'),
    });
    expect(page.html).toContain('&lt;script&gt;');
    expect(page.html).not.toContain('<script');
    expect(hidden(page.html, 'list')).toBe('sales');
  });

  test('a form that lay open for days is shown once more', async () => {
    const shown = { text: 'x', version: 'y', policyVersion: null, offered: ['letters'] };
    const old = people.api.get(FormSeal).seal(shown, Date.now() - 25 * 3_600_000);
    expect(people.api.get(FormSeal).open(old)).toBeUndefined();
    const fields = { email: 'patient@example.com', list: 'letters' };
    const page = await post({ ...fields, started: old });
    expect(page.status).toBe(422);
    const again = filledIn(hidden(page.html, 'started'));
    expect((await post({ ...fields, started: again })).status).toBe(200);
    await people.settle();
    expect(await person('patient@example.com')).toBeDefined();
  });

  test('fields that nobody asked for, files and repeated fields do no harm', async () => {
    const form = encoded(new FormData(), {
      email: ['files@example.com', 'second@example.com'],
      list: 'letters',
      colour: 'red',
    });
    form.append('name', new File(['MZ'], 'name.exe', { type: 'application/octet-stream' }));
    expect((await people.submit('/subscribe', form)).status).toBe(200);
    await people.settle();
    expect(await person('files@example.com')).toMatchObject({ name: null });
    expect(await person('second@example.com')).toBeUndefined();
  });

  test('bodies that are no form are refused', async () => {
    const send = (body: string, type: string) =>
      people.visit('/subscribe', { method: 'POST', body, headers: { 'Content-Type': type } });
    expect((await send('email=x', 'text/plain')).status).toBe(415);
    expect((await send('email=x', 'image/png')).status).toBe(415);
    expect((await send('{', 'application/json')).status).toBe(400);
    expect((await send(`email=${'x'.repeat(2_000_000)}`, 'application/x-www-form-urlencoded')).status).toBe(
      413,
    );
  });

  test('a form that is sent at once is asked for one more press, and the clock runs on', async () => {
    const { html } = await people.visit('/subscribe?list=letters');
    const fields = { email: 'quick@example.com', list: 'letters' };
    const page = await post({ ...fields, started: hidden(html, 'started') });
    expect(page.status).toBe(422);
    expect(page.html).toContain('That was quick');
    expect(hidden(page.html, 'started')).toBe(hidden(html, 'started'));
    expect(await waiting()).toBe(0);
    const snippet = people.api.get(FormSeal).open(hidden(html, 'started'))!.shown;
    expect((await post({ ...fields, started: people.api.get(FormSeal).seal(snippet, null) })).status).toBe(
      200,
    );
    await people.settle();
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['octets of windows-1252', 'email=j%F6rg@example.com&list=letters', 'application/x-www-form-urlencoded'],
    [
      'a name in windows-1252',
      'email=jorg@example.com&name=J%F6rg&list=letters',
      'application/x-www-form-urlencoded',
    ],
    [
      'a charset in the header',
      'email=jorg@example.com&list=letters',
      'application/x-www-form-urlencoded; charset=windows-1252',
    ],
    [
      'a charset in a field',
      'email=jorg@example.com&list=letters&_charset_=ISO-8859-15',
      'application/x-www-form-urlencoded',
    ],
    [
      'multipart in windows-1252',
      Buffer.from(
        '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\njorg@example.com\r\n' +
          '--b\r\nContent-Disposition: form-data; name="list"\r\n\r\nletters\r\n' +
          '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nJ\u00f6rg\r\n--b--\r\n',
        'latin1',
      ),
      'multipart/form-data; boundary=b',
    ],
  ])('%s: a clear error, and nothing is stored', async (_, body, type) => {
    const page = await people.visit('/subscribe', {
      method: 'POST',
      body,
      headers: { 'Content-Type': type },
    });
    expect(page.status).toBe(422);
    expect(page.html).toContain('does not use UTF-8');
    expect(page.html).not.toContain('\ufffd');
    expect(await waiting()).toBe(0);
  });

  test('a form that says it is UTF-8, and is, is taken', async () => {
    const page = await people.visit('/subscribe', {
      method: 'POST',
      body: 'email=j%C3%B6rg@example.com&name=J%C3%B6rg&list=letters&_charset_=UTF-8',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    });
    expect(page.status).toBe(200);
    await people.settle();
    expect(await person('jörg@example.com')).toMatchObject({ name: 'Jörg', address: 'jörg@example.com' });
  });

  test('in German the words and their version are German', async () => {
    const { html } = await people.visit('/subscribe?list=letters&locale=de');
    const shown = /<p id="consent">([^<]+)<\/p>/.exec(html)?.[1];
    expect(shown).toContain('Ich möchte „The Sunday Letter“ von Shop');
    const started = filledIn(hidden(html, 'started'));
    await post({ email: 'deutsch@example.com', list: 'letters', locale: 'de', started });
    await people.settle();
    const { id } = (await person('deutsch@example.com'))!;
    const [row] = await people.api.get(ConsentLedger).ofPerson(people.api.db, id);
    expect(row!.facts).toMatchObject({
      text: shown,
      textVersion: expect.stringMatching(/^form-[0-9a-f]{8}-de$/),
    });
  });

  test('the privacy policy that was current is linked and recorded', async () => {
    const policies = people.api.get(Policies);
    await people.api.db.work(({ trx }) =>
      policies.publish(trx, { version: 'spring', revisedOn: '2026-03-01', bodies: { en: '# Privacy' } }),
    );
    const { html } = await people.visit('/subscribe?list=letters');
    expect(html).toContain('<a href="/privacy">privacy policy of March 1, 2026</a>');
    await people.api.db.work(({ trx }) =>
      policies.publish(trx, { version: 'summer', revisedOn: '2026-06-01', bodies: { en: '# Privacy' } }),
    );
    const started = filledIn(hidden(html, 'started'));
    await post({ email: 'policy@example.com', list: 'letters', started });
    await post({ email: 'policy2@example.com', list: 'letters' });
    await people.settle();
    const versionOf = async (canonical: string) => {
      const { id } = (await person(canonical))!;
      const [row] = await people.api.get(ConsentLedger).ofPerson(people.api.db, id);
      return row!.facts['policyVersion'];
    };
    expect(await versionOf('policy@example.com')).toBe('spring');
    expect(await versionOf('policy2@example.com')).toBe('summer');
  });
});
