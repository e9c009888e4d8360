import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  accepted,
  courierTo,
  MAIL,
  ON_THE_WIRE,
  refused,
  scripted,
  send,
  times,
  until,
} from '../support/couriers.js';
import type { ScriptedOptions, SmtpMoment } from '../support/scripted-smtp.js';

/** What the engine may expect of a courier, whatever relay it talks to. */

const relays: [string, ScriptedOptions][] = [
  ['PIPELINING', { offers: ['PIPELINING'] }],
  ['PIPELINING and answers together', { offers: ['PIPELINING'], pace: 'together' }],
  ['PIPELINING and answers octet by octet', { offers: ['PIPELINING'], pace: 'octets' }],
  ['one command at a time', {}],
  ['one command at a time and answers octet by octet', { pace: 'octets' }],
];

describe.each(relays)('a relay with %s', (_, options) => {
  test('takes one mail after the other over one connection', async () => {
    const relay = await scripted(undefined, options);
    const courier = courierTo(relay.url);
    for (const to of ['ada@example.com', 'bob@example.com', 'eve@example.com']) {
      expect(await send(courier, { to })).toMatchObject(accepted);
    }
    expect(relay.bodies).toEqual([ON_THE_WIRE, ON_THE_WIRE, ON_THE_WIRE]);
    expect(relay.connections).toBe(1);
    expect(relay.commands.filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<ada@example.com>',
      'RCPT TO:<bob@example.com>',
      'RCPT TO:<eve@example.com>',
    ]);
  });

  test.each<[SmtpMoment, string, string, number]>([
    ['MAIL', '553 5.7.1 Sender refused', 'mail', 0],
    ['MAIL', '451-4.3.0 Not\r\n451 4.3.0 now', 'mail', 0],
    ['RCPT', '550 5.1.1 No such user', 'rcpt', 0],
    ['RCPT', '452 4.2.2 Full', 'rcpt', 0],
    ['RCPT', `550 5.1.1 ${'No such user. '.repeat(100)}`, 'rcpt', 0],
    ['DATA', '554 5.5.1 No', 'data', 0],
    ['DATA', '503 5.5.1 Bad sequence', 'data', 0],
    ['body', '554 5.7.1 Spam', 'data', 1],
    ['body', '451 4.3.0 Later', 'data', 1],
  ])('refuses at %s, and then takes the next mail (%#)', async (moment, reply, stage, handedOver) => {
    const no = times(1, moment, reply);
    let outOfSequence = false;
    const relay = await scripted((now, line) => {
      const said = no(now, line);
      if (said !== undefined) outOfSequence = now !== 'body';
      if (now === 'RSET') outOfSequence = false;
      const held = ['MAIL', 'RCPT', 'DATA'].includes(now) && outOfSequence;
      return said ?? (held ? '503 5.5.1 Bad sequence of commands' : undefined);
    }, options);
    const courier = courierTo(relay.url);
    const result = await send(courier);
    expect(result).toMatchObject({ ...refused(stage, Number(reply.slice(0, 3))), handedOver });
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(1);
  });

  test.each<[SmtpMoment, string]>([
    ['greeting', 'connect'],
    ['EHLO', 'connect'],
    ['MAIL', 'mail'],
    ['RCPT', 'rcpt'],
    ['DATA', 'data'],
    ['body', 'data'],
  ])('says 421 at %s and closes: the next mail has a connection of its own', async (moment, stage) => {
    const relay = await scripted(times(1, moment, '421 4.3.2 Shutting down'), options);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject(refused(stage, 421));
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(2);
  });

  test.each<[SmtpMoment, string]>([
    ['greeting', 'unreached'],
    ['EHLO', 'unreached'],
    ['MAIL', 'unreached'],
    ['RCPT', 'unreached'],
    ['DATA', 'unreached'],
    ['body', 'unknown'],
  ])('hangs up at %s: %s', async (moment, kind) => {
    const relay = await scripted(times(1, moment, 'drop'), options);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject({ kind, problem: expect.stringMatching(/\w/) });
    expect(await send(courier)).toMatchObject(accepted);
  });

  test('drops a kept connection: the mail goes over another one, once', async () => {
    let mails = 0;
    const relay = await scripted(
      (moment) => (moment === 'MAIL' && ++mails === 2 ? 'drop' : undefined),
      options,
    );
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject(accepted);
    expect(await send(courier)).toMatchObject(accepted);
    relay.hangUp();
    await sleep(20);
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.bodies).toHaveLength(3);
    expect(relay.connections).toBe(3);
  });

  test('gets QUIT when the courier closes', async () => {
    const relay = await scripted(undefined, options);
    const courier = courierTo(relay.url);
    await Promise.all([send(courier), send(courier)]);
    await courier.close();
    await until(() => relay.open === 0);
    expect(relay.commands.filter((line) => line === 'QUIT')).toHaveLength(relay.connections);
  });
});

test('holds no more connections than it has slots', async () => {
  let most = 0;
  const relay = await scripted((moment) => {
    if (moment === 'body') most = Math.max(most, relay.open);
    return undefined;
  });
  const courier = courierTo(relay.url, { connections: 3 });
  const results = await Promise.all(Array.from({ length: 20 }, () => send(courier)));
  expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'accepted'));
  expect(most).toBeLessThanOrEqual(3);
  expect(relay.connections).toBe(3);
});

test('makes CRLF of every line end', async () => {
  const relay = await scripted();
  const courier = courierTo(relay.url);
  expect(await send(courier, { raw: Buffer.from('a\nb\rc\n.\nQUIT') })).toMatchObject(accepted);
  expect(relay.bodies).toEqual(['a\r\nb\r\nc\r\n..\r\nQUIT']);
});

test('a mail of many octets arrives whole', async () => {
  const relay = await scripted(undefined, { offers: ['PIPELINING'] });
  const lines = Array.from({ length: 40_000 }, (_, index) => `.${index} ${'x'.repeat(index % 70)}`);
  expect(await send(courierTo(relay.url), { raw: Buffer.from(`${lines.join('\r\n')}\r\n`) })).toMatchObject(
    accepted,
  );
  expect(relay.bodies[0]?.split('\r\n')).toEqual(lines.map((line) => `.${line}`));
});

test('a UTF-8 local part goes only where SMTPUTF8 is offered', async () => {
  const plain = await scripted(undefined, { offers: ['8BITMIME'] });
  expect(await send(courierTo(plain.url), { to: 'zoë@example.com' })).toMatchObject({
    ...refused('rcpt', 553),
    handedOver: 0,
  });
  expect(plain.commands.join()).not.toContain('MAIL');
  const modern = await scripted(undefined, { offers: ['8BITMIME', 'SMTPUTF8', 'SIZE 10000'] });
  const courier = courierTo(modern.url);
  expect(await send(courier, { to: 'zoë@example.com' })).toMatchObject(accepted);
  expect(await send(courier)).toMatchObject(accepted);
  const [first, second] = modern.commands.filter((line) => line.startsWith('MAIL'));
  expect(first).toContain(' SMTPUTF8');
  expect(second).not.toContain('SMTPUTF8');
  expect(second).toContain(' BODY=8BITMIME');
  expect(second).toContain(` SIZE=${MAIL.length}`);
  expect(modern.commands).toContain(`RCPT TO:<${Buffer.from('zoë@example.com').toString('latin1')}>`);
});
