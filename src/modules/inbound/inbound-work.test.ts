import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startInbound } from '../../../test/support/inbound.js';
import { newId } from '../../domain/index.js';
import { automaticSign } from './automatic-mail.js';
import { inboundCommand } from './inbound-command.js';
import { InboundWork } from './inbound-work.service.js';
import { InboundPersonalData } from './inbound.personal-data.js';
import { InboundRepository, MAX_TRIES } from './inbound.repository.js';
import { Intake } from './intake.service.js';
import { MailHeaders } from './mail-headers.js';

let inbound: Awaited<ReturnType<typeof startInbound>>;
let mails: InboundRepository;
let work: InboundWork;
let count = 0;

beforeAll(async () => {
  inbound = await startInbound();
  mails = inbound.api.get(InboundRepository);
  work = inbound.api.get(InboundWork);
});
afterAll(() => inbound.api.stop());
beforeEach(() => {
  inbound.route.mails.length = 0;
  inbound.route.act = async () => undefined;
});

/** Stores a mail, and gives its id. */
async function received(
  sender = 'ann@example.com',
  raw = `Subject: ${(count += 1)}\r\n\r\nHi`,
): Promise<string> {
  await inbound.api.get(Intake).take({
    sender,
    recipients: [{ localPart: 'box-a', route: 'box' }],
    network: '192.0.2.0/24',
    raw: Buffer.from(raw),
  });
  const { id } = await inbound.api.db
    .selectFrom('inbound_mails')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return id;
}

const row = async (id: string) =>
  inbound.api.db.selectFrom('inbound_mails').selectAll().where('id', '=', id).executeTakeFirst();
const makeDue = async (id: string) =>
  inbound.api.db.pool.query("UPDATE inbound_mails SET due_at = now() - interval '1 s' WHERE id = $1", [id]);
const lists = async () => (await inbound.api.db.selectFrom('erasure_hashes').select('hash').execute()).length;

describe('a received mail', () => {
  test('goes to its route once, as it came, and keeps what the route says', async () => {
    const personId = newId();
    inbound.route.act = async () => ({ state: 'ignored', reason: 'automatic', personId });
    const id = await received('Ann@example.com', 'X-A: 1\r\nx-a: 2\r\nSubject: a\r\n b\r\n\r\nX-A: 3\r\n');
    await Promise.all([work.process(id), work.process(id)]);
    await work.process(id);
    expect(inbound.route.mails).toHaveLength(1);
    const [mail] = inbound.route.mails;
    expect(mail).toMatchObject({ id, sender: 'Ann@example.com', localPart: 'box-a' });
    expect(mail!.headers.all('x-a')).toEqual(['1', '2']);
    expect(mail!.headers.get('subject')).toBe('a b');
    expect(mail!.raw.toString()).toMatch(/^X-A: 1[\s\S]*X-A: 3\r\n$/);
    expect(await row(id)).toMatchObject({ state: 'ignored', reason: 'automatic', person_id: personId });
    expect(await mails.due()).not.toContain(id);
  });

  test('that a route cannot handle changes nothing, waits longer each time, and fails in the end', async () => {
    inbound.route.act = async ({ trx }) => {
      await trx
        .insertInto('erasure_hashes')
        .values({ hash: Buffer.from('half') })
        .execute();
      throw new Error('The parser does not like it');
    };
    const id = await received();
    const pauses: number[] = [];
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      expect(await mails.due()).toContain(id);
      await work.process(id);
      const after = await row(id);
      expect(after).toMatchObject({ tries, reason: 'The parser does not like it' });
      pauses.push(Math.round((after!.due_at.getTime() - Date.now()) / 60_000));
      expect(await mails.due()).not.toContain(id);
      await makeDue(id);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect((await row(id))!.state).toBe('failed');
    expect(await lists()).toBe(0);
    await work.process(id);
    expect(inbound.route.mails).toHaveLength(MAX_TRIES);

    expect(await inboundCommand(mails, ['list', '--failed'])).toContain(`${id}  `);
    inbound.route.act = async () => undefined;
    expect(await inboundCommand(mails, ['replay', '--failed'])).toBe('Mails that are handled again: 1');
    expect(await mails.due()).toContain(id);
    await work.process(id);
    expect(await row(id)).toMatchObject({ state: 'done', reason: null });
    expect(await inboundCommand(mails, ['list', '--failed'])).toBe('There is no such mail.');
  });

  test('that ends each worker that takes it is given up too', async () => {
    const id = await received();
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await mails.claim(id);
      await makeDue(id);
    }
    expect(await mails.due()).not.toContain(id);
    expect(await row(id)).toMatchObject({ state: 'failed', reason: 'each worker that took it has ended' });
  });

  test('is settled by the last try only', async () => {
    const id = await received();
    const first = await mails.claim(id);
    await makeDue(id);
    inbound.route.act = async () => ({ reason: 'the second' });
    await work.process(id);
    expect(await inbound.api.db.work(({ trx }) => mails.hold(trx, [first!]))).toEqual(new Set());
    await mails.failed(first!, 'the first');
    expect(await row(id)).toMatchObject({ state: 'done', reason: 'the second', tries: 2 });
  });

  test('whose route is gone says so', async () => {
    const id = await received();
    await inbound.api.db.updateTable('inbound_mails').set({ route: 'old' }).where('id', '=', id).execute();
    await work.process(id);
    expect(await row(id)).toMatchObject({ state: 'waiting', reason: 'There is no route "old" any more' });
    await inboundCommand(mails, ['replay', id]);
  });
});

describe('mails in groups', () => {
  const crates = async (how: number, octets = 0): Promise<string[]> => {
    const before = await ids();
    const taking = Array.from({ length: how }, async (_, at) =>
      inbound.api.get(Intake).take({
        sender: '',
        recipients: [{ localPart: 'crate-a', route: 'crate' }],
        network: '192.0.2.0/24',
        raw: Buffer.from(`Subject: ${(count += 1)}-${at}\r\n\r\n${'x'.repeat(octets)}`),
      }),
    );
    await Promise.all(taking);
    return (await ids()).filter((id) => !before.includes(id));
  };
  const ids = async () =>
    (await inbound.api.db.selectFrom('inbound_mails').select('id').orderBy('id').execute()).map(
      ({ id }) => id,
    );
  const effects = async () => {
    const rows = await inbound.api.db.deleteFrom('erasure_hashes').returning('hash').execute();
    return rows.map(({ hash }) => hash.toString()).toSorted();
  };

  beforeEach(async () => {
    await inbound.api.db.deleteFrom('inbound_mails').execute();
    inbound.crates.groups.length = 0;
    inbound.crates.act = async ({ trx }, { id }) => {
      await trx
        .insertInto('erasure_hashes')
        .values({ hash: Buffer.from(id) })
        .execute();
    };
  });

  test('are handled together, each once, by however many workers', async () => {
    const all = await crates(120);
    await Promise.all([work.run(), work.run(), work.run()]);
    expect(inbound.crates.groups.toSorted((a, b) => b - a)).toEqual([50, 50, 20]);
    expect(await effects()).toEqual(all.toSorted());
  });

  test('one that fails holds no other: they are handled one by one, and each once', async () => {
    const all = await crates(30);
    const poison = all[17]!;
    const { act } = inbound.crates;
    inbound.crates.act = async (scope, mail) => {
      await act(scope, mail);
      if (mail.id === poison) throw new Error('It cannot be handled');
    };
    await work.run();
    expect(inbound.crates.groups).toEqual([30, ...all.map(() => 1)]);
    expect(await effects()).toEqual(all.filter((id) => id !== poison).toSorted());
    expect(await row(poison)).toMatchObject({ state: 'waiting', tries: 1, reason: 'It cannot be handled' });
    expect(await row(all[18]!)).toMatchObject({ state: 'done', tries: 1 });
    await makeDue(poison);
    await work.run();
    expect(inbound.crates.groups.at(-1)).toBe(1);
    expect(await row(poison)).toMatchObject({ state: 'waiting', tries: 2 });
  });

  test('are no more than memory is for', async () => {
    await crates(4, 3 * 1024 * 1024);
    await work.run();
    expect(inbound.crates.groups).toEqual([2, 2]);
  });

  test('a value that no column takes is refused alone', async () => {
    const intake = inbound.api.get(Intake);
    const take = (sender: string) =>
      intake.take({
        sender,
        recipients: [{ localPart: 'crate-a', route: 'crate' }],
        network: '192.0.2.0/24',
        raw: Buffer.from(`From: ${JSON.stringify(sender)}\r\n\r\n`),
      });
    const taken = await Promise.allSettled(['a@b.c', 'd\0@e.f', 'g@h.i', 'j@k.l'].map(take));
    expect(taken.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await ids()).toHaveLength(3);
  });
});

test.each([
  [[], 'say what to do with received mail'],
  [['show'], 'there is no "inbound show"'],
  [['replay'], 'say which mail'],
  [['replay', 'x'], 'say which mail'],
  [['replay', '0198f2a0-1111-7222-8333-444455556667'], 'there is no received mail'],
  [['list', '--failed', 'x'], '"x" is too much'],
])('inbound %j is answered in words', async (argv, says) => {
  await expect(inboundCommand(mails, argv)).rejects.toThrow(says);
});

describe('personal data', () => {
  const personId = newId();
  const person = { id: personId, canonical: 'bob@example.com', address: 'Bob@example.com' };

  test('what a route saw to be about a person, and what came from the address, is shown and goes', async () => {
    inbound.route.act = async () => ({ personId });
    const about = await received('mailer-daemon@example.net');
    await work.process(about);
    const from = await received('BOB@example.com');
    const other = await received('carol@example.com');
    const holder = inbound.api.get(InboundPersonalData);
    const { receivedMails } = await holder.export(inbound.api.db, person);
    expect(receivedMails).toMatchObject([
      {
        from: 'mailer-daemon@example.net',
        to: 'box-a',
        state: 'done',
        source: expect.stringContaining('Hi'),
      },
      { from: 'BOB@example.com', state: 'waiting' },
    ]);
    await inbound.api.db.work((erasing) => holder.erase(erasing, person));
    expect([await row(about), await row(from)]).toEqual([undefined, undefined]);
    expect(await row(other)).toBeDefined();
  });

  test('after thirty days it goes, unless it still waits', async () => {
    const [rule] = inbound.api.get(InboundPersonalData).retention;
    const done = await received();
    const waiting = await received();
    inbound.route.act = async () => undefined;
    await work.process(done);
    expect(await rule!.count(inbound.api.db)).toBe(0);
    await inbound.api.db.pool.query(
      "UPDATE inbound_mails SET received_at = now() - interval '31 days' WHERE id = ANY($1)",
      [[done, waiting]],
    );
    expect(await rule!.count(inbound.api.db)).toBe(1);
    expect(await rule!.purge(inbound.api.db)).toBe(1);
    expect([await row(done), (await row(waiting))?.state]).toEqual([undefined, 'waiting']);
  });
});

describe('automatic mail', () => {
  const signOf = (header: string, sender = 'ann@example.com') =>
    automaticSign({
      sender,
      headers: MailHeaders.of(Buffer.from(`${header}\r\nSubject: x\r\n\r\nPrecedence: bulk`)),
    });

  test.each([
    'Auto-Submitted: auto-replied',
    'AUTO-SUBMITTED:auto-generated; owner-email="a@example.com"',
    'Precedence: bulk',
    'precedence: JUNK',
    'Precedence: auto_reply',
    'X-Autoreply: yes',
    'X-Autorespond: ',
    'X-Auto-Response-Suppress: All',
    'Content-Type: multipart/report; report-type=delivery-status',
  ])('%s', (header) => {
    expect(signOf(header)).toBeDefined();
  });

  test.each([
    'Auto-Submitted: no',
    'Auto-Submitted: No (a person)',
    'Precedence: list',
    'X-Mailer: Auto',
    'broken',
    '',
  ])('not %s', (header) => {
    expect(signOf(header)).toBeUndefined();
  });

  test('the null sender', () => {
    expect(signOf('X-A: b', '')).toBe('null sender');
  });
});
