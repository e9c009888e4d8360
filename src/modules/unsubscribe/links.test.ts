import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { PeopleApi } from '../../../test/support/people-api.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { parseAddress } from '../../domain/index.js';
import { ConsentLedger, ErasureHashes } from '../consent/index.js';
import { FreshLinks } from '../subscribers/index.js';
import { Links } from './links.service.js';

let people: PeopleApi;
let tokens: LinkTokens;
beforeAll(async () => {
  people = await PeopleApi.start();
  tokens = people.api.get(LinkTokens);
  await people.list('letters');
});
afterAll(() => people.stop());
beforeEach(async () => {
  await people.api.db.deleteFrom('rate_limits').execute();
});

const form = (fields: Record<string, string>) => new URLSearchParams(fields);
let count = 0;
async function reader() {
  const email = `owner-${(count += 1)}@example.com`;
  const { personId } = await people.confirmed(email, ['letters']);
  return { email, personId, path: `/preferences/${tokens.make('preferences', personId)}` };
}

/** What the worker does. */
async function settle(): Promise<number> {
  const rows = await people.api.db.selectFrom('link_requests').select('id').execute();
  for (const { id } of rows) await people.api.get(Links).answer(id);
  return rows.length;
}

type Variables = { manageUrl?: string; confirmUrl?: string; newAddress?: string };
async function mails(address: string) {
  const all = await people.mailsTo(address);
  return all.map(({ subject, variables }) => ({ subject, ...(variables as unknown as Variables) }));
}
const links = async (address: string) =>
  (await mails(address)).flatMap(({ manageUrl }) =>
    manageUrl === undefined ? [] : new URL(manageUrl).pathname,
  );

const addressOf = async (id: string) =>
  (await people.api.db.selectFrom('people').select('address').where('id', '=', id).executeTakeFirst())
    ?.address;

/** As if all links had been asked for so much earlier. */
async function minutesPass(minutes: number): Promise<void> {
  await sql`UPDATE fresh_links SET created_at = created_at - make_interval(mins => ${minutes}),
                                   expires_at = expires_at - make_interval(mins => ${minutes})`.execute(
    people.api.db,
  );
}

describe('asking for a link at /preferences', () => {
  test('the same answer and the same work for a known and an unknown address; only the known one gets a mail', async () => {
    const { email } = await reader();
    const answers = [];
    for (const address of [email.toUpperCase(), 'nobody-knows@example.com']) {
      const page = await people.submit('/preferences', form({ email: address }));
      answers.push([page.status, page.html.replaceAll(address, 'ADDRESS')]);
    }
    expect(answers[0]).toEqual(answers[1]);
    const { rows } = await people.api.db.pool.query('SELECT asked FROM link_requests');
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows.map((row) => row.asked.toString('latin1')))).not.toContain('example');
    expect(await settle()).toBe(2);
    expect(await settle()).toBe(0);
    expect(await links(email)).toHaveLength(1);
    expect(await mails('nobody-knows@example.com')).toEqual([]);
  });

  test.each(['', 'a@b', 'a b@example.com', 'x'.repeat(2_000), 'a@example.com\r\nBcc: b@example.com'])(
    'what is no address is said beside the field: %j',
    async (email) => {
      const page = await people.submit('/preferences', form({ email }));
      expect(page.status).toBe(422);
      expect(page.html).toContain('aria-invalid="true"');
    },
  );

  test('an address has five requests in an hour, a household ten a minute', async () => {
    for (let times = 0; times < 7; times += 1) {
      await people.submit('/preferences', form({ email: 'often@example.com' }));
    }
    expect(await settle()).toBe(5);
    const many = [];
    for (let times = 0; times < 10; times += 1)
      many.push((await people.submit('/preferences', form({ email: `o-${times}@example.com` }))).status);
    expect(many.at(-1)).toBe(429);
    await settle();
  });

  test('in German for who reads German', async () => {
    const { html } = await people.visit('/preferences', { headers: { 'Accept-Language': 'de' } });
    expect(html).toContain('Ihre Post, Ihre Wahl');
  });
});

describe('a fresh link', () => {
  test('comes to the address, never to the page, and at most three times a day', async () => {
    const { email, path } = await reader();
    for (let times = 1; times <= 3; times += 1) {
      const page = await people.visit(`${path}/link`, { method: 'POST' });
      expect(page.status).toBe(200);
      expect(page.html).not.toContain('my-data');
      expect(page.html).not.toContain(email);
    }
    expect((await people.visit(`${path}/link`, { method: 'POST' })).html).toContain(
      'That is enough for today',
    );
    await people.submit('/preferences', form({ email }));
    await settle();
    expect(await links(email)).toHaveLength(3);
    await minutesPass(24 * 60);
    await people.visit(`${path}/link`, { method: 'POST' });
    expect(await links(email)).toHaveLength(4);
  });

  test('many at once are counted one after the other', async () => {
    const { email, path } = await reader();
    await Promise.all(Array.from({ length: 8 }, () => people.visit(`${path}/link`, { method: 'POST' })));
    expect(await links(email)).toHaveLength(3);
  });

  test('works for an hour', async () => {
    const { email, path } = await reader();
    await people.visit(`${path}/link`, { method: 'POST' });
    const [link] = await links(email);
    expect((await people.visit(`${link}/address`)).status).toBe(200);
    await minutesPass(61);
    for (const method of ['GET', 'POST'])
      expect((await people.visit(`${link}/address`, { method })).status).toBe(410);
  });

  test('goes with an erasure, and so does a request that waits', async () => {
    const { email, personId, path } = await reader();
    await people.visit(`${path}/link`, { method: 'POST' });
    const [link] = await links(email);
    await people.submit('/preferences', form({ email }));
    await people.api.call('DELETE', `/v1/subscribers/${personId}`);
    expect(await settle()).toBe(0);
    expect((await people.visit(`${link}/address`)).status).toBe(410);
    expect(
      await people.api.db.selectFrom('fresh_links').select('id').where('person_id', '=', personId).execute(),
    ).toEqual([]);
  });
});

describe('another address', () => {
  /** Somebody with a fresh link to the form. */
  async function atTheForm() {
    const someone = await reader();
    await people.visit(`${someone.path}/link`, { method: 'POST' });
    const [link] = await links(someone.email);
    return { ...someone, page: `${link}/address` };
  }
  async function confirmPath(address: string): Promise<string> {
    const mail = (await mails(address)).find(({ confirmUrl }) => confirmUrl?.includes('/new-address/'));
    return new URL(mail!.confirmUrl!).pathname;
  }

  test('asked for behind a fresh link, confirmed from the new address, told to the old one', async () => {
    const { email, personId, page } = await atTheForm();
    const asked = await people.submit(page, form({ email: 'New.Owner@Example.org' }));
    expect(asked.html).toContain('One more step');
    const path = await confirmPath('New.Owner@Example.org');
    // A name may say anything, and the mail may go to a stranger.
    expect((await mails('New.Owner@Example.org'))[0]).toMatchObject({ recipient: { name: null } });
    expect((await people.visit(path)).html).toContain('Use this address?');
    expect(await addressOf(personId)).toBe(email);
    expect(await mails(email)).toHaveLength(3);

    const done = await people.visit(path, { method: 'POST' });
    expect(done.html).toContain('Your address is changed');
    expect(done.html).toContain('N•••@Example.org');
    expect(await addressOf(personId)).toBe('New.Owner@Example.org');
    expect((await mails(email)).at(-1)).toMatchObject({
      subject: 'Your address at Shop has changed',
      newAddress: 'N•••@Example.org',
    });
    // Twice is once.
    expect((await people.visit(path, { method: 'POST' })).html).toContain('Your address is changed');
    expect(await mails(email)).toHaveLength(4);
    const ledger = await people.api.get(ConsentLedger).ofPerson(people.api.db, personId);
    const changes = ledger.filter(({ act }) => act === 'changed');
    expect(changes.map(({ facts }) => facts)).toMatchObject([{ text: 'Yes, use this address' }]);
    expect(JSON.stringify(ledger)).not.toContain('example.org');
    expect(await people.events(personId)).toContain('subscriber.changed');
  });

  test('ends the links that lie in the old mailbox, and those that went to a mistyped address', async () => {
    const { personId, path, page } = await atTheForm();
    await people.submit(page, form({ email: 'mistyped@example.org' }));
    const mistyped = await confirmPath('mistyped@example.org');
    await people.submit(page, form({ email: 'well-typed@example.org' }));
    expect((await people.visit(mistyped, { method: 'POST' })).status).toBe(410);

    expect((await people.visit(page)).status).toBe(200);
    await people.visit(await confirmPath('well-typed@example.org'), { method: 'POST' });
    expect((await people.visit(page)).status).toBe(410);
    // Whoever is at the new address may ask for one.
    await people.visit(`${path}/link`, { method: 'POST' });
    const [fresh] = await links('well-typed@example.org');
    expect((await people.visit(`${fresh}/address`)).status).toBe(200);
    expect(await addressOf(personId)).toBe('well-typed@example.org');
  });

  test('keeps the old address from being imported as somebody new, until the person is back at it', async () => {
    const { email, personId, page } = await atTheForm();
    const isBlocked = async (address: string) => people.api.get(ErasureHashes).has(people.api.db, address);
    await people.submit(page, form({ email: 'moved@example.org' }));
    await people.visit(await confirmPath('moved@example.org'), { method: 'POST' });
    expect(await Promise.all([email, 'moved@example.org'].map(isBlocked))).toEqual([true, false]);

    const parsed = parseAddress(email);
    if (!parsed.ok) throw new Error('No address');
    const link = people.api.get(FreshLinks);
    const id = await link.changeAddress(people.api.db, personId, parsed.address);
    await people.visit(`/new-address/${tokens.make('address', id!)}`, { method: 'POST' });
    expect(await addressOf(personId)).toBe(email);
    expect(await Promise.all([email, 'moved@example.org'].map(isBlocked))).toEqual([false, true]);
  });

  test('two links of one person at once: neither waits for the other for ever', async () => {
    const { personId, page } = await atTheForm();
    const paths = [];
    for (const email of ['first@example.org', 'second@example.org']) {
      await people.submit(page, form({ email }));
      paths.push(await confirmPath(email));
      // As if they had been asked for at the same moment.
      await people.api.db
        .updateTable('fresh_links')
        .set({ expires_at: sql`now() + interval '1 hour'` })
        .where('person_id', '=', personId)
        .execute();
    }
    const pages = await Promise.all(paths.map((path) => people.visit(path, { method: 'POST' })));
    expect(pages.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410]);
  });

  test('two people are never merged: it is said to who owns the new address, and nothing changes', async () => {
    const other = await reader();
    const { email, personId, page } = await atTheForm();
    const asked = await people.submit(page, form({ email: other.email }));
    // The one who asks learns nothing about the other.
    expect(asked.html).toContain('One more step');
    const path = await confirmPath(other.email);
    for (const method of ['GET', 'POST'])
      expect((await people.visit(path, { method })).html).toContain('This address has its own entry');
    expect(await addressOf(personId)).toBe(email);
    expect(await addressOf(other.personId)).toBe(other.email);
  });

  test('two who want the same address at once: one gets it', async () => {
    const both = [await atTheForm(), await atTheForm()];
    const paths = [];
    for (const { page } of both) {
      await people.submit(page, form({ email: 'wanted@example.org' }));
      const all = await mails('wanted@example.org');
      paths.push(new URL(all.at(-1)!.confirmUrl!).pathname);
    }
    const pages = await Promise.all(paths.map((path) => people.visit(path, { method: 'POST' })));
    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
    const titles = new Set(pages.map(({ html }) => /<h1>([^<]*)/.exec(html)?.[1]));
    expect(titles).toEqual(new Set(['This address has its own entry', 'Your address is changed']));
  });

  test('needs a fresh link: no other token opens it, and what is no address is refused', async () => {
    const { personId, page } = await atTheForm();
    const wrong = [
      `/my-data/${tokens.make('preferences', personId)}/address`,
      `/my-data/${tokens.make('manage', personId)}/address`,
      `/new-address/${tokens.make('manage', personId)}`,
    ];
    expect(await Promise.all(wrong.map(async (path) => (await people.visit(path)).status))).toEqual([
      404, 410, 404,
    ]);
    for (const email of ['', 'nonsense', `owner-${count}@example.com`])
      expect((await people.submit(page, form({ email }))).status).toBe(422);
    expect((await people.submit(page, form({ email: `OWNER-${count}@example.com` }))).status).toBe(200);
  });
});
