import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  accepted,
  atEnd,
  courierTo,
  ON_THE_WIRE,
  refused,
  scripted,
  send,
  times,
  until,
} from '../support/couriers.js';
import type { ScriptedOptions, SmtpMoment } from '../support/scripted-smtp.js';

/** More than the network takes at once. */
const LARGE = Buffer.from(`${'x'.repeat(98)}\r\n`.repeat(200_000));
/** No line of it looks like a command. */
const PLAIN = { raw: Buffer.from('Subject: Hello\r\n') };
const PIPELINING: ScriptedOptions = { offers: ['PIPELINING'] };
const withAuth = (url: string) => url.replace('//', '//ada:secret@');

describe('a relay that stays silent', () => {
  test.each<[SmtpMoment, string, string, RegExp]>([
    ['greeting', 'greeting', 'unreached', /Greeting never received/],
    ['EHLO', 'signIn', 'unreached', /Timeout/],
    ['AUTH', 'signIn', 'unreached', /Timeout/],
    ['MAIL', 'mail', 'unreached', /silent for 0.08 seconds instead of answering MAIL/],
    ['RCPT', 'rcpt', 'unreached', /instead of answering RCPT/],
    ['DATA', 'data', 'unreached', /instead of answering DATA/],
    ['body', 'finalDot', 'unknown', /instead of answering the final dot/],
  ])('at %s has the time of %s, then the mail is %s', async (moment, timeout, kind, problem) => {
    for (const offers of [['AUTH PLAIN'], ['AUTH PLAIN', 'PIPELINING']]) {
      let silent = false;
      const relay = await scripted(
        (now) => {
          silent = relay.connections === 1 && (silent || now === moment);
          return silent ? 'silence' : undefined;
        },
        { offers },
      );
      const courier = courierTo(withAuth(relay.url), { timeouts: { [timeout]: 80 } });
      expect(await send(courier)).toMatchObject({ kind, problem: expect.stringMatching(problem) });
      expect(await send(courier)).toMatchObject(accepted);
    }
  });

  test('is not waited for longer because of half a reply now and then', async () => {
    const url = await talkative((socket, line) => {
      if (!line.startsWith('MAIL')) return usual(socket, line);
      const timer = setInterval(() => socket.write('250-\r\n'), 20);
      return socket.on('close', () => clearInterval(timer));
    });
    const began = Date.now();
    expect(await send(courierTo(url, { timeouts: { mail: 150 } }))).toMatchObject({ kind: 'unreached' });
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('instead of a TLS handshake has the time of a connection', async () => {
    const relay = await scripted(() => 'silence');
    const courier = courierTo(`smtps://127.0.0.1:${relay.port}`, { timeouts: { connect: 80 } });
    const problem = 'No connection to the relay within 0.08 seconds';
    expect(await send(courier)).toMatchObject({ kind: 'unreached', problem });
  });

  test('instead of reading a mail has the time of a block, and is handed nothing', async () => {
    const url = await talkative((socket, line) => {
      usual(socket, line);
      if (line === 'DATA') socket.pause();
    });
    expect(await send(courierTo(url, { timeouts: { block: 80 } }), { raw: LARGE })).toEqual({
      kind: 'unreached',
      problem: 'The relay was silent for 0.08 seconds in the middle of a mail',
      handedOver: 0,
    });
  });
});

describe('a relay that breaks off', () => {
  test('in the middle of a mail has not got it', async () => {
    const relay = await scripted(times(1, 'part', 'drop'), PIPELINING);
    const courier = courierTo(relay.url);
    expect(await send(courier, { raw: LARGE })).toMatchObject({ kind: 'unreached', handedOver: 0 });
    expect(await send(courier)).toMatchObject(accepted);
  });

  test.each([421, 451, 552])('in the middle of a mail with %d has refused it', async (code) => {
    const relay = await scripted(times(1, 'part', `${code} 4.3.0 Enough`), PIPELINING);
    const courier = courierTo(relay.url);
    expect(await send(courier, { raw: LARGE })).toMatchObject({ ...refused('data', code), handedOver: 0 });
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(2);
  });

  test.each([
    ['550 5.7.1 Spam', refused('data', 550)],
    ['250 2.0.0 Ok', { kind: 'unknown' }],
    ['550-5.7.1 Sp', { kind: 'unknown' }],
  ])('in the middle of its last line: "%s"', async (cut, result) => {
    const url = await talkative((socket, line) => (line === '.' ? socket.end(cut) : usual(socket, line)));
    expect(await send(courierTo(url), PLAIN)).toMatchObject(result);
  });

  test.each(['MAIL', 'RCPT', 'DATA', '.'])('with 421 to %s, but then does not hang up', async (at) => {
    const asked = new Set<Socket>();
    const url = await talkative((socket, line) => {
      if (line.startsWith(at) && asked.add(socket).size === 1) socket.write('421 4.3.2 Bye\r\n');
      else usual(socket, line);
    });
    const courier = courierTo(url);
    expect(await send(courier, PLAIN)).toMatchObject({ kind: 'refused', reply: { code: 421 } });
    expect(await send(courier, PLAIN)).toMatchObject({ kind: 'accepted' });
    expect(asked.size).toBe(2);
  });

  test('after it refused the recipient has refused the recipient', async () => {
    const relay = await scripted(
      (moment) => (moment === 'RCPT' ? '550 5.1.1 No such user' : moment === 'DATA' ? 'drop' : undefined),
      { ...PIPELINING, pace: 'each' },
    );
    expect(await send(courierTo(relay.url))).toMatchObject({ ...refused('rcpt', 550), handedOver: 0 });
  });

  test.each<[string, string, object]>([
    ['hangs up', 'drop', { kind: 'unreached' }],
    ['says 421', '421 4.3.2 Shutting down', refused('auth', 421)],
    ['says too much', '235 Ok\r\n250 Ok', { kind: 'unreached' }],
  ])('at AUTH: it %s', async (_, reply, result) => {
    const relay = await scripted(times(1, 'AUTH', reply), { offers: ['AUTH PLAIN'] });
    const courier = courierTo(withAuth(relay.url));
    expect(await send(courier)).toMatchObject(result);
    expect(relay.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
    expect(await send(courier)).toMatchObject(accepted);
  });

  test('a kept connection with 421 at the next mail: a fresh one may try, and its 421 counts', async () => {
    const relay = await scripted(times(2, 'MAIL', '421 4.7.0 Too many messages'), PIPELINING);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject(refused('mail', 421));
    expect(await send(courier)).toMatchObject(refused('mail', 421));
    expect(await send(courier)).toMatchObject(accepted);
    relay.say('421 4.4.2 Idle for too long');
    await sleep(20);
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(4);
  });
});

describe('a relay out of step', () => {
  const pipelined: ScriptedOptions = { ...PIPELINING, pace: 'together' };

  test.each<[SmtpMoment, string]>([
    ['MAIL', '250 Ok\r\n250 Ok'],
    ['MAIL', '354 go'],
    ['RCPT', '250 Ok\r\n250 Ok'],
    ['RCPT', '354 go'],
    ['RCPT', '250 Ok\r\n354 go'],
    ['DATA', '250 Ok'],
    ['DATA', '354 go\r\n250 Ok'],
    ['DATA', '354 go\r\n250-O'],
    ['DATA', '250-Ok\r\n354 go'],
    ['DATA', 'HTTP/1.1 400 Bad Request'],
    ['DATA', `354 ${'x'.repeat(70_000)}`],
  ])('at %s gets no mail (%#)', async (moment, reply) => {
    for (const options of [pipelined, {}]) {
      const relay = await scripted(times(1, moment, reply), options);
      const courier = courierTo(relay.url, { timeouts: { block: 80 } });
      expect(await send(courier)).toMatchObject({ kind: 'unreached', handedOver: 0 });
      expect(await send(courier)).toMatchObject(accepted);
      expect(relay.bodies).toHaveLength(1);
      expect(relay.connections).toBe(2);
    }
  });

  test.each(['354 go', '250-Ok\r\n550 No', 'Ok', `250 ${'x'.repeat(70_000)}`])(
    'after the final dot leaves it unknown (%#)',
    async (reply) => {
      const relay = await scripted(times(1, 'body', reply), pipelined);
      const courier = courierTo(relay.url);
      expect(await send(courier)).toMatchObject({ kind: 'unknown' });
      expect(await send(courier)).toMatchObject(accepted);
    },
  );

  test('a word too many after the final dot: the mail is accepted, the connection is not used again', async () => {
    const relay = await scripted(times(1, 'body', '250 2.0.0 Ok: queued as SCRIPTED\r\n250 Ok'), pipelined);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject(accepted);
    await until(() => relay.open === 0);
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(2);
  });

  test('a refused recipient and 354: a lone dot, to nobody (RFC 2920 §3.1)', async () => {
    const relay = await scripted(times(1, 'RCPT', '550 5.1.1 No such user'), pipelined);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject({ ...refused('rcpt', 550), handedOver: 0 });
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.bodies).toEqual(['', ON_THE_WIRE]);
    expect(relay.connections).toBe(1);
    expect(relay.commands.slice(4).map((line) => line.slice(0, 4))).toEqual(['RSET', 'MAIL', 'RCPT', 'DATA']);
  });

  test('a refused sender and 354: the connection ends without a body', async () => {
    const relay = await scripted(times(1, 'MAIL', '550 5.7.1 Not you'), pipelined);
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject({ ...refused('mail', 550), handedOver: 0 });
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.bodies).toEqual([ON_THE_WIRE]);
    expect(relay.connections).toBe(2);
  });

  test('a refused RSET costs the connection, not the mail', async () => {
    const refuse = times(1, 'RCPT', '550 5.1.1 No such user');
    const relay = await scripted(
      (moment, line) => (moment === 'RSET' ? '500 What?' : refuse(moment, line)),
      pipelined,
    );
    const courier = courierTo(relay.url);
    expect(await send(courier)).toMatchObject(refused('rcpt', 550));
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.connections).toBe(2);
  });
});

describe('the courier', () => {
  test('refuses a mail above the announced size without sending it, and takes the next', async () => {
    const relay = await scripted(undefined, { offers: ['PIPELINING', 'SIZE 100'] });
    const courier = courierTo(relay.url);
    expect(await send(courier, { raw: Buffer.alloc(101) })).toMatchObject({
      ...refused('data', 552),
      handedOver: 0,
    });
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  test('hands nothing over when that cannot be noted', async () => {
    const relay = await scripted(undefined, PIPELINING);
    const courier = courierTo(relay.url);
    const full = () => {
      throw new Error('ENOSPC');
    };
    await expect(send(courier, { onHandOver: full })).rejects.toThrow('ENOSPC');
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.bodies).toHaveLength(1);
    expect(relay.connections).toBe(2);
  });

  test('says QUIT on a connection that it does not need, and on one that is busy when it closes', async () => {
    const relay = await scripted();
    const courier = courierTo(relay.url, { timeouts: { idle: 40 } });
    expect(await send(courier)).toMatchObject(accepted);
    await until(() => relay.open === 0);
    expect(relay.commands.at(-1)).toBe('QUIT');
    const sending = send(courier);
    await until(() => relay.open === 1);
    await courier.close();
    expect(await sending).toMatchObject(accepted);
    await until(() => relay.open === 0);
    expect(relay.commands.filter((line) => line === 'QUIT')).toHaveLength(2);
  });

  test('does not wait for ever for the answer to QUIT', async () => {
    const relay = await scripted(times(1, 'QUIT', 'silence'));
    const courier = courierTo(relay.url, { timeouts: { quit: 50 } });
    expect(await send(courier)).toMatchObject(accepted);
    await courier.close();
    await until(() => relay.open === 0);
  });
});

function usual(socket: Socket, line: string): void {
  if (line === 'DATA') socket.write('354 go\r\n');
  else if (/^(EHLO|MAIL|RCPT|RSET|QUIT|\.$)/.test(line)) socket.write('250 2.0.0 Ok\r\n');
}

/** A relay that greets and then answers each line as the test says. */
async function talkative(answer: (socket: Socket, line: string) => unknown): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('220 talkative\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) answer(socket, line);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?tls=off`;
}
