import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { arf, BOUNCE_DOMAIN, BouncesApi, dsn, type SentMail } from '../support/bounces.js';
import { newId } from '../../src/domain/index.js';
import { LinkTokens } from '../../src/platform/crypto/index.js';
import { LeaveAddresses } from '../../src/modules/delivery/index.js';
import { InboundWork } from '../../src/modules/inbound/index.js';
import { Lists } from '../../src/modules/lists/index.js';
import { AddressReports, Suppressions } from '../../src/modules/suppression/index.js';
import type { MailEvent } from '../../src/modules/bounces/mail-event.js';
import { MailEvents } from '../../src/modules/bounces/act/mail-events.service.js';

let bounces: BouncesApi;
let listId: string;
let people = 0;
const someone = () => `person-${(people += 1)}@example.com`;
const gone = { status: '5.1.1', reply: '550 5.1.1 <someone@example.com>: User unknown' };
const full = { status: '5.2.2', reply: '552 5.2.2 Mailbox full' };

beforeAll(async () => {
  bounces = await BouncesApi.start({ SOFT_BOUNCE_LIMIT: '3' });
  listId = (
    await bounces.api.db.work((work) =>
      bounces.api
        .get(Lists)
        .create(work, { slug: 'letters', name: 'Letters', optIn: 'double', visibility: 'public' }),
    )
  ).id;
});
afterAll(() => bounces.api.stop());

const take = async (event: Partial<MailEvent>) => {
  const events = bounces.api.get(MailEvents);
  const [one] = await bounces.api.db.work((work) => events.take(work, [{ ...empty, ...event }]));
  return one?.taken;
};
const empty: MailEvent = {
  source: 'ses',
  kind: 'bounced',
  eventId: null,
  occurredAt: null,
  recipient: null,
  delivery: null,
  deliveryId: null,
  messageId: null,
  relayId: null,
  status: null,
  reply: null,
  reason: null,
  hard: null,
};

describe('a report to the signed envelope sender', () => {
  test('no such user: the address is suppressed for everything, with the words as evidence; once', async () => {
    const mail = await bounces.sent(someone());
    const { address: to } = mail;
    expect(await bounces.receive(mail.verp, dsn([{ to, ...gone }]))).toEqual({
      state: 'done',
      reason: 'applied',
    });
    expect(await bounces.outcome(mail)).toMatchObject({
      state: 'sent',
      outcome: 'bounced',
      reason: 'user_unknown',
    });
    expect(await bounces.held(to)).toEqual(['all hard_bounce']);
    expect((await bounces.suppressions(to))[0]?.evidence).toContain('User unknown');
    expect(await bounces.events(mail)).toEqual(['email.bounced']);
    expect(await bounces.receive(mail.verp, dsn([{ to, ...gone }]))).toEqual({
      state: 'ignored',
      reason: 'known',
    });
    expect(await bounces.events(mail)).toHaveLength(1);
  });

  test('the same report again does not bring back what a person has released', async () => {
    const mail = await bounces.sent(someone());
    const { address: to } = mail;
    await bounces.receive(mail.verp, dsn([{ to, ...gone }]));
    const [held] = await bounces.suppressions(to);
    await bounces.api.db.work((work) =>
      bounces.api.get(Suppressions).release(work, held?.id ?? '', 'it works again'),
    );
    await bounces.receive(mail.verp, dsn([{ to, ...gone }]));
    expect(await bounces.held(to)).toEqual([]);
  });

  test('a forged or changed address is recognised by nobody', async () => {
    const mail = await bounces.sent(someone());
    const changed = mail.verp.replace(/^bounce-(.)/, (_, letter) => `bounce-${letter === 'a' ? 'b' : 'a'}`);
    expect(await bounces.receive(changed, dsn([{ to: mail.address, ...gone }]))).toBeUndefined();
    expect(
      await bounces.receive(`bounce-made-up@${BOUNCE_DOMAIN}`, dsn([{ to: mail.address, ...gone }])),
    ).toBeUndefined();
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
  });

  test('that names another address changes nothing for that one, and is never for good for ours', async () => {
    const [mail, other] = [await bounces.sent(someone()), await bounces.sent(someone())];
    await bounces.receive(mail.verp, dsn([{ to: other.address, ...gone }]));
    expect(await bounces.held(other.address)).toEqual([]);
    expect(await bounces.outcome(other)).toMatchObject({ outcome: null });
    expect(await bounces.held(mail.address)).toEqual([]);
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: 'bounced' });
  });

  test('behind an alias to several mailboxes, which all fail: counts once, never for good', async () => {
    const mail = await bounces.sent(someone());
    const mailboxes = ['a@elsewhere.example', 'b@elsewhere.example'].map((to) => ({ to, ...gone }));
    expect(await bounces.receive(mail.verp, dsn(mailboxes))).toMatchObject({ state: 'done' });
    expect(await bounces.held(mail.address)).toEqual([]);
    expect((await bounces.api.get(AddressReports).scoreOf(bounces.api.db, mail.address)).score).toBeCloseTo(
      1,
      3,
    );
  });

  test.each(["o'neil@example.com", 'ann=bob@example.com', 'a|b@example.com', 'a/b+c@example.com'])(
    'of %s speaks of that very address',
    async (to) => {
      const mail = await bounces.sent(to);
      await bounces.receive(mail.verp, dsn([{ to, ...gone }]));
      expect(await bounces.held(to)).toEqual(['all hard_bounce']);
    },
  );

  test('of an address beyond ASCII, written in ASCII (RFC 6533), speaks of it too', async () => {
    const mail = await bounces.sent('jürgen@bücher.example');
    const report = dsn([{ to: 'X', ...gone }]).replace(
      'rfc822; X',
      String.raw`utf-8; j\x{FC}rgen@b\x{fc}cher.example`,
    );
    await bounces.receive(mail.verp, report);
    expect(await bounces.held('jürgen@xn--bcher-kva.example')).toEqual(['all hard_bounce']);
  });

  test('with a NUL in its words is taken like any other', async () => {
    const mail = await bounces.sent(someone());
    const reply = '550 5.1.1 No such\0 user';
    await bounces.receive(mail.verp, dsn([{ to: mail.address, status: '5.1.1', reply }]));
    expect(await bounces.held(mail.address)).toEqual(['all hard_bounce']);
    expect(await bounces.outcome(mail)).toMatchObject({ reply: '550 5.1.1 No such user' });
  });

  test('of several recipients with different outcomes only ours counts', async () => {
    const [mail, other] = [await bounces.sent(someone()), await bounces.sent(someone())];
    const both = dsn([
      { to: other.address, ...gone },
      { to: mail.address, action: 'delayed', status: '4.2.2', reply: '452 4.2.2 Mailbox full' },
    ]);
    await bounces.receive(mail.verp, both);
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
    expect([...(await bounces.held(mail.address)), ...(await bounces.held(other.address))]).toEqual([]);
  });

  test('a policy refusal is a bounce, and leaves the address', async () => {
    const mail = await bounces.sent(someone(), { listId });
    const reply = '550 5.7.1 Message rejected due to policy';
    await bounces.receive(mail.verp, dsn([{ to: mail.address, status: '5.7.1', reply }]));
    expect(await bounces.outcome(mail)).toMatchObject({
      outcome: 'bounced',
      reason: 'policy',
      code: 550,
      reply,
    });
    expect(await bounces.held(mail.address)).toEqual([]);
    const score = await bounces.api.get(AddressReports).scoreOf(bounces.api.db, mail.address);
    expect(score).toMatchObject({
      score: 0,
      suppression: null,
      reports: [{ reason: 'policy', hard: false }],
    });
  });

  test('a limit of rate slows the domain down', async () => {
    const mail = await bounces.sent('someone@slow.example');
    const reply = '450 4.7.1 Error: too much mail from 192.0.2.1';
    await bounces.receive(mail.verp, dsn([{ to: mail.address, action: 'delayed', status: '4.7.1', reply }]));
    const slow = await bounces.api.db.selectFrom('slow_downs').select(['subject', 'reason']).execute();
    expect(slow).toEqual([{ subject: 'domain:slow.example', reason: 'rate_limited' }]);
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
  });

  test.each([
    [
      'out of office',
      'Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until Monday.',
    ],
    ['a reply', 'Subject: Re: News\r\n\r\nThanks!'],
    ['nothing', ''],
  ])('%s is no bounce', async (_, text) => {
    const mail = await bounces.sent(someone());
    const raw = `From: ${mail.address}\r\n${text}`;
    expect(await bounces.receive(mail.verp, raw, mail.address)).toMatchObject({ state: 'ignored' });
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
  });

  test('about somebody who was erased meanwhile is forgotten at once', async () => {
    const mail = await bounces.sent(someone());
    await bounces.api.db
      .updateTable('deliveries')
      .set({ address: '[erased]' })
      .where('bucket', '=', mail.bucket)
      .where('id', '=', mail.id)
      .execute();
    await bounces.store(mail.verp, dsn([{ to: mail.address, ...gone }]));
    await bounces.api.get(InboundWork).run();
    const left = await bounces.api.db
      .selectFrom('inbound_mails')
      .select('id')
      .where('recipient', '=', mail.verp.split('@')[0] ?? '')
      .execute();
    expect(left).toEqual([]);
    expect(await bounces.held(mail.address)).toEqual([]);
  });

  test('what was unknown is sent after all', async () => {
    const mail = await bounces.sent(someone(), { state: 'unknown' });
    await bounces.receive(mail.verp, dsn([{ to: mail.address, ...full }]));
    expect(await bounces.outcome(mail)).toMatchObject({
      state: 'sent',
      outcome: 'bounced',
      reason: 'mailbox_full',
    });
    expect(await bounces.events(mail)).toEqual(['email.sent', 'email.bounced']);
  });
});

describe('soft bounces', () => {
  const bounce = async (to: string, more: { listId?: string } = { listId }): Promise<SentMail> => {
    const mail = await bounces.sent(to, more);
    await bounces.receive(mail.verp, dsn([{ to, ...full }]));
    return mail;
  };

  test('count until the limit; then news stops, and order mail goes on', async () => {
    const to = someone();
    for (let times = 1; times < 3; times += 1) await bounce(to);
    expect(await bounces.held(to)).toEqual([]);
    await bounce(to);
    expect(await bounces.held(to)).toEqual(['news soft_bounces']);
    expect((await bounces.suppressions(to))[0]?.evidence).toMatch(
      /^3 soft bounces, the last one: dsn: mailbox_full/,
    );
  });

  test('old ones count less', async () => {
    const to = someone();
    for (let times = 0; times < 2; times += 1) await bounce(to);
    await bounces.api.db.pool.query(
      "UPDATE mail_reports SET at = at - interval '30 days' WHERE canonical = $1",
      [to],
    );
    await bounce(to);
    expect(await bounces.held(to)).toEqual([]);
    expect((await bounces.api.get(AddressReports).scoreOf(bounces.api.db, to)).score).toBeCloseTo(2, 3);
  });

  test('who releases the suppression begins the count anew', async () => {
    const to = someone();
    for (let times = 0; times < 3; times += 1) await bounce(to);
    const [held] = await bounces.suppressions(to);
    await bounces.api.db.work((work) =>
      bounces.api.get(Suppressions).release(work, held?.id ?? '', 'has made room'),
    );
    for (let times = 0; times < 2; times += 1) await bounce(to);
    expect(await bounces.held(to)).toEqual([]);
    await bounce(to);
    expect(await bounces.held(to)).toEqual(['news soft_bounces']);
  });

  test('a list with a limit of its own lets go earlier', async () => {
    const strict = await bounces.api.db.work((work) =>
      bounces.api.get(Lists).create(work, { slug: 'strict', name: 'Strict', softBounceLimit: 2 }),
    );
    const to = someone();
    for (let times = 0; times < 2; times += 1) await bounce(to, { listId: strict.id });
    expect(await bounces.held(to)).toEqual(['list soft_bounces']);
  });

  test('a hard bounce of the same mail, told later, overrides the soft one', async () => {
    const mail = await bounce(someone());
    await bounces.receive(mail.verp, dsn([{ to: mail.address, ...gone }]));
    expect(await bounces.held(mail.address)).toEqual(['all hard_bounce']);
    expect((await bounces.api.get(AddressReports).scoreOf(bounces.api.db, mail.address)).score).toBe(0);
  });
});

describe('a complaint', () => {
  test('to the signed address, redacted: all news stops, and that list; it stays a complaint', async () => {
    const mail = await bounces.sent(someone(), { listId });
    await bounces.receive(mail.verp, arf(null));
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: 'complained' });
    expect(await bounces.held(mail.address)).toEqual(['list complaint', 'news complaint']);
    await bounces.receive(mail.verp, dsn([{ to: mail.address, ...full }]));
    await take({ kind: 'delivered', delivery: mail });
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: 'complained' });
  });

  test.each([
    ['a hash in the place of the address (RFC 6590)', 'qLbGZ1Tj3y@example.com'],
    ['the mailbox that it was forwarded to', 'somebody@elsewhere.example'],
    ['no address', 'redacted'],
  ])('that names %s is of the mail that it came with', async (_, named) => {
    const mail = await bounces.sent(someone(), { listId });
    await bounces.receive(mail.verp, arf(named, { To: named }));
    expect(await bounces.held(mail.address)).toEqual(['list complaint', 'news complaint']);
    expect(await bounces.held(named)).toEqual([]);
  });

  test('to the plain address counts by what is signed in the returned mail', async () => {
    const plain = `FBL@${BOUNCE_DOMAIN}`;
    const [byPath, byLink, byMailto] = [
      await bounces.sent(someone(), { listId }),
      await bounces.sent(someone(), { listId }),
      await bounces.sent(someone(), { listId }),
    ];
    const token = bounces.api.get(LinkTokens).make('unsubscribe', newId(), byLink.id);
    const leave = bounces.api.get(LeaveAddresses).make({ subscriptionId: newId(), deliveryId: byMailto.id });
    await bounces.receive(plain, arf(byPath.address, { 'Return-Path': `<${byPath.verp}>` }));
    await bounces.receive(
      plain,
      arf(null, { 'List-Unsubscribe': `<https://mail.shop.example/unsubscribe/${token}>` }),
    );
    await bounces.receive(plain, arf(null, { 'List-Unsubscribe': `<mailto:${leave}@${BOUNCE_DOMAIN}>` }));
    for (const mail of [byPath, byLink, byMailto]) {
      expect(await bounces.outcome(mail)).toMatchObject({ outcome: 'complained' });
      expect(await bounces.held(mail.address)).toContain('news complaint');
    }
  });

  test('to the plain address with numbers that can be guessed changes nothing', async () => {
    const mail = await bounces.sent(someone(), { listId });
    const guessed = {
      'Message-ID': `<${mail.messageId}@shop.example>`,
      'X-Postrider-Delivery': String(mail.id),
      'Return-Path': `<bounce-${'a'.repeat(36)}@${BOUNCE_DOMAIN}>`,
    };
    expect(await bounces.receive(`abuse@${BOUNCE_DOMAIN}`, arf(mail.address, guessed))).toEqual({
      state: 'ignored',
      reason: 'nothing signed in it',
    });
    expect(await bounces.held(mail.address)).toEqual([]);
  });

  test('of nobody is noted without what moves a cursor', async () => {
    const mail = await bounces.sent(someone());
    const complaint = { complaintFeedbackType: 'abuse\u001B[2J', complainedRecipients: [] };
    const raw = `From: a@b.example\r\n\r\n${JSON.stringify({ notificationType: 'Complaint', complaint })}`;
    expect(await bounces.receive(mail.verp, raw)).toEqual({ state: 'ignored', reason: 'abuse2J' });
  });

  test.each(['not-spam', 'auth-failure'])('%s is none', async (type) => {
    const mail = await bounces.sent(someone(), { listId });
    await bounces.receive(mail.verp, arf(mail.address, {}, type));
    expect(await bounces.held(mail.address)).toEqual([]);
  });
});

describe('events of a provider', () => {
  test('find their delivery by any clue', async () => {
    const relayId = '0100018f2f5e6d7c-0a1b2c3d-000000';
    const clues: ((mail: SentMail) => Partial<MailEvent>)[] = [
      (mail) => ({ delivery: mail }),
      (mail) => ({ deliveryId: mail.id }),
      (mail) => ({ messageId: `<${mail.messageId}@shop.example>` }),
      () => ({ relayId }),
      (mail) => ({ messageId: `<${newId()}@mtasv.net>`, deliveryId: mail.id }),
      (mail) => ({ messageId: '<ffffffff-ffff-4fff-bfff-ffffffffffff@mtasv.net>', deliveryId: mail.id }),
    ];
    for (const clue of clues) {
      const mail = await bounces.sent(someone(), { relayId: clue === clues[3] ? relayId : '4bXyZ1' });
      const found = { ...clue(mail), recipient: mail.address.toUpperCase(), kind: 'delivered' as const };
      expect(await take(found)).toBe('applied');
      expect(await take(found)).toBe('known');
      expect(await bounces.events(mail)).toEqual(['email.delivered']);
    }
  });

  test('without a clue, or with one that leads nowhere, match nothing', async () => {
    expect(await take({})).toBe('unmatched');
    expect(await take({ deliveryId: 999_999_999 })).toBe('unmatched');
    expect(await take({ relayId: 'short', messageId: 'x' })).toBe('unmatched');
  });

  test('of another address, or of nothing that matters, are ignored', async () => {
    const mail = await bounces.sent(someone());
    expect(await take({ deliveryId: mail.id, recipient: 'other@example.com', ...gone })).toBe('ignored');
    expect(await take({ deliveryId: mail.id, kind: 'opened' })).toBe('ignored');
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
  });

  test('bounce, delivered, bounce: never backwards', async () => {
    const mail = await bounces.sent(someone());
    expect(await take({ deliveryId: mail.id, kind: 'delivered' })).toBe('applied');
    expect(await take({ deliveryId: mail.id, reply: '550 5.1.1 no such user', status: '5.1.1' })).toBe(
      'applied',
    );
    expect(await take({ deliveryId: mail.id, kind: 'delivered' })).toBe('known');
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: 'bounced' });
    expect(await bounces.held(mail.address)).toEqual(['all hard_bounce']);
  });

  test('the same bounce from two sides at once is one', async () => {
    const mail = await bounces.sent(someone());
    const taken = await Promise.all([
      bounces.receive(mail.verp, dsn([{ to: mail.address, ...gone }])),
      take({ deliveryId: mail.id, ...gone }),
      take({ deliveryId: mail.id, ...gone, source: 'sendgrid' }),
    ]);
    expect(
      taken.filter((one) => one === 'applied' || (typeof one === 'object' && one.reason === 'applied')),
    ).toHaveLength(1);
    expect(await bounces.events(mail)).toEqual(['email.bounced']);
  });

  test('whoever leaves at the provider gets no more of that list', async () => {
    const mail = await bounces.sent(someone(), { listId });
    expect(await take({ deliveryId: mail.id, kind: 'unsubscribed', source: 'mailgun' })).toBe('applied');
    expect(await bounces.held(mail.address)).toEqual(['list imported']);
    expect(await bounces.outcome(mail)).toMatchObject({ outcome: null });
  });

  test('the reason that a provider names is taken; one that nobody knows is read from the reply', async () => {
    const [one, two] = [await bounces.sent(someone()), await bounces.sent(someone())];
    await take({ deliveryId: one.id, reason: 'mailbox_full', hard: true, reply: 'whatever' });
    await take({
      deliveryId: two.id,
      reason: 'Bounce',
      status: '5.1.1',
      reply: 'smtp; 550 5.1.1 user unknown',
    });
    expect(await bounces.outcome(one)).toMatchObject({ reason: 'mailbox_full' });
    expect(await bounces.held(one.address)).toEqual([]);
    expect(await bounces.held(two.address)).toEqual(['all hard_bounce']);
  });
});
