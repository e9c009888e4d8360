import { expect, test } from '@jest/globals';
import { accepted, courierTo, refused, scripted, send, sendInTurn, until } from '../support/couriers.js';
import type { Script, SmtpMoment } from '../support/scripted-smtp.js';

const offers = ['PIPELINING'];
const to = (name: string) => ({ to: `${name}@example.com` });

test('the next envelope rides behind the final dot, before that is answered', async () => {
  const relay = await scripted(undefined, { offers, pace: 'together' });
  const results = await sendInTurn(courierTo(relay.url), [to('ada'), to('ben'), to('cleo')]);
  expect(results).toMatchObject([accepted, accepted, accepted]);
  expect(relay.connections).toBe(1);
  expect(relay.packets.filter((packet) => /\r\n\.\r\nMAIL FROM:/.test(packet))).toHaveLength(2);
});

test('without PIPELINING it waits', async () => {
  const relay = await scripted();
  expect(await sendInTurn(courierTo(relay.url), [to('ada'), to('ben')])).toMatchObject([accepted, accepted]);
  expect(relay.packets.filter((packet) => /\.\r\nMAIL FROM:/.test(packet))).toEqual([]);
});

test('a mail that is no longer wanted when its body is next does not leave, and the others do', async () => {
  const relay = await scripted(undefined, { offers });
  const results = await sendInTurn(courierTo(relay.url), [
    to('ada'),
    { ...to('ben'), stillWanted: async () => false },
    to('cleo'),
    { ...to('dora'), stillWanted: () => false },
  ]);
  const withdrawn = { kind: 'withdrawn', handedOver: 0 };
  expect(results).toMatchObject([accepted, withdrawn, accepted, withdrawn]);
  expect(relay.bodies).toHaveLength(2);
  expect(relay.connections).toBe(2);
});

test('it is asked after the relay has said yes to the envelope', async () => {
  let asked = 0;
  const script: Script = (moment) => {
    if (moment === 'DATA') expect(asked).toBe(0);
    return undefined;
  };
  const relay = await scripted(script, { offers });
  await send(courierTo(relay.url), { stillWanted: () => (asked += 1) > 0 });
  expect(asked).toBe(1);
});

test('an envelope that rode ahead for nothing costs the connection, and sends nothing', async () => {
  const relay = await scripted(undefined, { offers });
  const courier = courierTo(relay.url);
  const slot = await courier.slot();
  const mail = { from: 'a@b.example', raw: Buffer.from('Subject: x\r\n'), onHandOver: () => undefined };
  await slot.send({ ...mail, ...to('ada') }, { ...mail, ...to('ben') });
  slot.release();
  await until(() => relay.open === 0);
  expect(relay.bodies).toHaveLength(1);
  expect(await send(courier)).toMatchObject(accepted);
});

test.each<[SmtpMoment, string, object]>([
  ['RCPT', '550 5.1.1 No such user', refused('rcpt', 550)],
  ['MAIL', '553 5.7.1 Not you', refused('mail', 553)],
  ['DATA', '452 4.3.1 No room', refused('data', 452)],
])("a refusal at %s of what rode ahead is that mail's own", async (at, reply, outcome) => {
  let mails = 0;
  const relay = await scripted(
    (moment) => {
      if (moment === 'MAIL') mails += 1;
      return moment === at && mails === 2 ? reply : undefined;
    },
    { offers },
  );
  const results = await sendInTurn(courierTo(relay.url), [to('ada'), to('ben'), to('cleo')]);
  expect(results).toMatchObject([accepted, outcome, accepted]);
});

test('a mail whose final dot is not answered is unknown, the one behind it goes over another connection', async () => {
  let bodies = 0;
  const relay = await scripted((moment) => (moment === 'body' && (bodies += 1) === 1 ? 'drop' : undefined), {
    offers,
  });
  const results = await sendInTurn(courierTo(relay.url), [to('ada'), to('ben')]);
  expect(results).toMatchObject([{ kind: 'unknown', handedOver: 1 }, accepted]);
});

test('a relay that closes after each mail loses nothing that rode ahead', async () => {
  const relay = await scripted(
    (moment) => (moment === 'body' ? '250 2.0.0 Ok: queued as SCRIPTED\r\n421 4.7.0 Bye' : undefined),
    {
      offers,
    },
  );
  const results = await sendInTurn(courierTo(relay.url), [to('ada'), to('ben'), to('cleo')]);
  expect(results).toMatchObject([accepted, accepted, accepted]);
  expect(relay.bodies).toHaveLength(3);
});
