import { expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { CourierTransport } from '../../src/modules/delivery/smtp/courier-transport.js';
import { courierTo, scripted } from '../support/couriers.js';

const letter = { from: 'news@shop.example', subject: 'Hello', text: 'Hello there' };

test("nodemailer's sendMail goes through a courier", async () => {
  const relay = await scripted(undefined, { offers: ['PIPELINING'] });
  const transport = createTransport(new CourierTransport(courierTo(relay.url)));
  const info = await transport.sendMail({ ...letter, to: ['ada@example.com', 'ben@example.com'] });
  expect(info).toMatchObject({
    accepted: ['ada@example.com', 'ben@example.com'],
    rejected: [],
    response: '250 2.0.0 Ok: queued as SCRIPTED',
  });
  expect(relay.bodies).toHaveLength(2);
  expect(relay.bodies[0]).toContain('Hello there');
});

test('who was refused is named; where all were it fails as nodemailer does', async () => {
  const relay = await scripted((moment, line) =>
    moment === 'RCPT' && line.includes('ben') ? '550 5.1.1 No such user' : undefined,
  );
  const transport = createTransport(new CourierTransport(courierTo(relay.url)));
  const info = await transport.sendMail({ ...letter, to: ['ben@example.com', 'ada@example.com'] });
  expect(info).toMatchObject({ accepted: ['ada@example.com'], rejected: ['ben@example.com'] });
  await expect(transport.sendMail({ ...letter, to: 'ben@example.com' })).rejects.toMatchObject({
    code: 'EENVELOPE',
    responseCode: 550,
    response: '550 5.1.1 No such user',
  });
});

test('a relay that is not there is a connection error', async () => {
  const transport = createTransport(new CourierTransport(courierTo('smtp://127.0.0.1:9?tls=off')));
  await expect(transport.sendMail({ ...letter, to: 'ada@example.com' })).rejects.toMatchObject({
    code: 'ECONNECTION',
  });
});
