import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';
import { SmtpClient } from '../../../test/support/smtp-client.js';
import { ConsentLedger } from '../consent/index.js';
import { LeaveAddresses } from '../delivery/index.js';
import { InboundListener, InboundWork } from '../inbound/index.js';

const DOMAIN = 'bounces.shop.example';
let people: PeopleApi;
let addresses: LeaveAddresses;
let client: SmtpClient;

beforeAll(async () => {
  people = await PeopleApi.start({ BOUNCE_DOMAIN: DOMAIN, INBOUND_SMTP_PORT: '0' });
  addresses = people.api.get(LeaveAddresses);
  await people.list('letters');
  await people.list('sales');
  const port = await people.api.get(InboundListener).start({ wrongRecipients: 1_000 });
  client = await SmtpClient.open(port ?? 0);
  await client.hello();
}, 60_000);
afterAll(async () => {
  client.close();
  await people.stop();
});

let count = 0;
async function reader() {
  const email = `mailto-${(count += 1)}@example.com`;
  const { personId, ids } = await people.confirmed(email, ['letters', 'sales']);
  const local = addresses.make({ subscriptionId: ids[0] ?? '', deliveryId: 17 });
  return { email, personId, local };
}

async function statuses(personId: string): Promise<Record<string, string>> {
  const { body } = await people.api.read(`/v1/subscribers/${personId}`);
  return Object.fromEntries(
    body.subscriptions.map(({ list, status }: Record<string, string>) => [list, status]),
  );
}
const BOTH = { letters: 'confirmed', sales: 'confirmed' };

/** Over SMTP, then what a worker does. @returns the server's answer, and what became of it */
async function send(local: string, raw: string, from = 'someone@example.net') {
  const reply = await client.mail(`${local}@${DOMAIN}`, Buffer.from(raw, 'latin1'), from);
  await client.say('RSET');
  const { db } = people.api;
  const waiting = await db.selectFrom('inbound_mails').select('id').where('state', '=', 'waiting').execute();
  for (const { id } of waiting) await people.api.get(InboundWork).process(id);
  const last = await db
    .selectFrom('inbound_mails')
    .select(['state', 'reason', 'person_id', 'route'])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return { reply, last };
}

describe('a mail to the address of a subscription', () => {
  test.each([
    ['as mail programs make it', 'From: a@example.net\r\nSubject: unsubscribe\r\n\r\n'],
    ['that begs to stay', 'Subject: keep me subscribed\r\n\r\nPlease do not unsubscribe me'],
    ['empty', ''],
    ['without a header', '\r\n\r\n\r\nstop'],
    ['broken', 'Content-Type: multipart/mixed; boundary="x\r\n\r\n--x\r\n\xff\xfe\0--x--'],
    [
      'made by a mailbox provider for somebody who pressed its button',
      'Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nSubject: Unsubscribe\r\n\r\n',
    ],
    ['in HTML and base64', 'Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\x80!!'],
    ['with a subject in another alphabet', 'Subject: =?UTF-8?B?0L7RgtC/0LjRgdCw0YLRjA==?=\r\n\r\n'],
  ])('%s leaves that list, once', async (_, raw) => {
    const { personId, local } = await reader();
    const unique = `X-Unique: ${personId}\r\n${raw}`;
    const { reply, last } = await send(local.toUpperCase(), unique);
    expect(reply).toMatch(/^250 /);
    expect(last).toEqual({ state: 'done', reason: null, person_id: personId, route: 'leave' });
    expect(await statuses(personId)).toEqual({ letters: 'unsubscribed', sales: 'confirmed' });
    expect((await send(local, `${unique}again`)).last).toMatchObject({
      state: 'done',
      reason: 'had left before',
    });
    const ledger = await people.api.get(ConsentLedger).ofPerson(people.api.db, personId);
    expect(ledger.filter(({ act }) => act === 'left')).toMatchObject([{ facts: { source: 'mailto' } }]);
    const { rows } = await people.api.db.pool.query(
      `SELECT delivery_id::int AS delivery FROM events WHERE person_id = $1 AND type = 'subscriber.unsubscribed'`,
      [personId],
    );
    expect(rows).toEqual([{ delivery: 17 }]);
  });

  test.each([
    ['an out-of-office reply', 'Auto-Submitted: auto-replied\r\n', 'someone@example.net'],
    ['a list', 'Precedence: bulk\r\n', 'someone@example.net'],
    [
      'an answer to the subject',
      'Auto-Submitted: auto-replied\r\nSubject: Re: unsubscribe\r\n',
      'a@example.net',
    ],
    ['a bounce', '', ''],
  ])('from a machine, %s, changes nothing', async (_, header, from) => {
    const { personId, local } = await reader();
    const { reply, last } = await send(local, `${header}Subject: ${personId}\r\n\r\nunsubscribe`, from);
    expect(reply).toMatch(/^250 /);
    expect(last).toMatchObject({ state: 'ignored', person_id: personId });
    expect(await statuses(personId)).toEqual(BOTH);
  });

  test('that is cut, changed or made up is refused at RCPT', async () => {
    const { personId, local } = await reader();
    const changed = `${local.slice(0, 20)}${local[20] === 'a' ? 'b' : 'a'}${local.slice(21)}`;
    for (const forged of [
      local.slice(0, -1),
      `${local}a`,
      changed,
      `leave-${'a'.repeat(56)}`,
      'leave-',
      'leave',
    ])
      expect((await send(forged, 'Subject: unsubscribe\r\n\r\n')).reply).toMatch(/^550 5\.1\.1 /);
    expect(await statuses(personId)).toEqual(BOTH);
  });

  test('of somebody who was erased is taken, and does nothing', async () => {
    const { personId, local } = await reader();
    await people.api.call('DELETE', `/v1/subscribers/${personId}`);
    const { reply, last } = await send(local, `Subject: ${personId}\r\n\r\n`);
    expect(reply).toMatch(/^250 /);
    expect(last?.state).toBe('done');
  });
});

test('the address fits into a local part, says what it was made of, and has a URL where mail is received', async () => {
  const { local } = await reader();
  expect(local).toMatch(/^leave-[a-z2-7]{56}$/);
  const link = { subscriptionId: '0198f2a0-1111-7222-8333-444455556667', deliveryId: null };
  expect(addresses.read(addresses.make(link))).toEqual(link);
  const most = { ...link, deliveryId: 2 ** 48 - 1 };
  expect(addresses.read(addresses.make(most))).toEqual(most);
  expect(addresses.mailto(link)).toMatch(
    /^mailto:leave-[a-z2-7]{56}@bounces\.shop\.example\?subject=unsubscribe$/,
  );
});

describe('unsubscribe@', () => {
  const ask = async (from: string, header = '') =>
    send(
      'Unsubscribe',
      `From: ${from}\r\n${header}Subject: ${(count += 1)}\r\n\r\nTake me off`,
      'x@example.net',
    );
  const links = async (email: string) =>
    (await people.mailsTo(email)).filter(({ variables }) => 'manageUrl' in variables).length;

  test('sends a link to the person in From, once a day, and ends nothing', async () => {
    const { email, personId } = await reader();
    expect((await ask(`Ann <${email.toUpperCase()}>`)).last).toMatchObject({
      state: 'done',
      route: 'unsubscribe',
      person_id: personId,
    });
    expect((await ask(email)).last).toMatchObject({ state: 'ignored', reason: 'was answered today' });
    expect(await links(email)).toBe(1);
    expect(await statuses(personId)).toEqual(BOTH);
    await people.api.db.pool.query(
      "UPDATE inbound_mails SET settled_at = now() - interval '25 h' WHERE person_id = $1",
      [personId],
    );
    expect((await ask(email)).last?.state).toBe('done');
    expect(await links(email)).toBe(2);
  });

  test('says nothing to strangers, to machines, or to several at once', async () => {
    const { email } = await reader();
    const other = await reader();
    expect((await ask('stranger@example.org')).last).toMatchObject({
      state: 'ignored',
      reason: 'nobody known',
    });
    expect((await ask(email, 'Auto-Submitted: auto-replied\r\n')).last?.state).toBe('ignored');
    expect((await ask(`${email}, ${other.email}`)).last?.state).toBe('ignored');
    expect((await ask(email, `From: ${other.email}\r\n`)).last?.state).toBe('ignored');
    expect((await ask('')).last?.state).toBe('ignored');
    expect([await links(email), await links(other.email)]).toEqual([0, 0]);
  });
});
