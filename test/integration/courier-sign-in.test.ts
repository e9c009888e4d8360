import tls from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import {
  accepted,
  certificate,
  courierTo,
  MAIL,
  ON_THE_WIRE,
  realServer,
  refused,
  scripted,
  send,
} from '../support/couriers.js';

describe('a real server', () => {
  const cases: [string, SMTPServerOptions, string][] = [
    ['implicit TLS', { secure: true, authOptional: true }, 'smtps://HOST?verify=false'],
    ['STARTTLS, required', { authOptional: true }, 'smtp://HOST?tls=required&verify=false'],
    ['STARTTLS, offered', { authOptional: true }, 'smtp://HOST?verify=false'],
    ['no STARTTLS, opportunistic', { authOptional: true, disabledCommands: ['STARTTLS'] }, 'smtp://HOST'],
    ['AUTH PLAIN', { authMethods: ['PLAIN'] }, 'smtp://ada:s%20cret@HOST?verify=false'],
    ['AUTH LOGIN', { authMethods: ['LOGIN'] }, 'smtp://ada:s%20cret@HOST?verify=false'],
    [
      'AUTH LOGIN over implicit TLS',
      { secure: true, authMethods: ['LOGIN'] },
      'smtps://ada:s%20cret@HOST?verify=false',
    ],
    ['no PIPELINING', { authOptional: true, hidePIPELINING: true }, 'smtp://HOST?verify=false'],
    [
      'no 8BITMIME and no SIZE',
      { authOptional: true, hide8BITMIME: true, hideSize: true },
      'smtp://HOST?verify=false',
    ],
  ];
  test.each(cases)('%s', async (_, options, url) => {
    const server = await realServer(options);
    const courier = courierTo(url.replace('HOST', `localhost:${server.port}`));
    const results = [await send(courier), await send(courier, { to: 'bob@example.com' })];
    expect(results).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    const encrypted = url.includes('verify=false');
    expect(server.mails).toEqual([
      { to: 'ada@example.com', text: MAIL, encrypted },
      { to: 'bob@example.com', text: MAIL, encrypted },
    ]);
  });

  test('a large mail under TLS arrives whole', async () => {
    const server = await realServer({ secure: true, authOptional: true });
    const text = `${'.x'.repeat(45)}\r\n`.repeat(50_000);
    const courier = courierTo(`smtps://localhost:${server.port}?verify=false`);
    expect(await send(courier, { raw: Buffer.from(text) })).toMatchObject({ kind: 'accepted' });
    expect(server.mails[0]?.text === text).toBe(true);
  });

  test('a wrong password is the relay’s refusal of us', async () => {
    const server = await realServer({ authMethods: ['PLAIN', 'LOGIN'] });
    const courier = courierTo(`smtp://ada:wrong@localhost:${server.port}?verify=false`);
    expect(await send(courier)).toMatchObject({ ...refused('auth', 535), handedOver: 0 });
  });

  test('TLS that is required is never done without', async () => {
    const server = await realServer({ authOptional: true, disabledCommands: ['STARTTLS'] });
    const result = await send(
      courierTo(`smtp://ada:s%20cret@localhost:${server.port}?tls=required&verify=false`),
    );
    expect(['refused', 'unreached']).toContain(result.kind);
    expect(result.handedOver).toBe(0);
    expect(server.mails).toEqual([]);
    expect(server.logins).toBe(0);
  });

  test.each(['smtps://HOST', 'smtp://HOST?tls=required', 'smtp://HOST'])(
    'a certificate that nobody vouches for gets neither mail nor password: %s',
    async (url) => {
      const server = await realServer({ secure: url.startsWith('smtps') });
      const courier = courierTo(url.replace('HOST', `ada:s%20cret@localhost:${server.port}`));
      expect(await send(courier)).toMatchObject({ kind: 'unreached', handedOver: 0 });
      expect(server.mails).toEqual([]);
      expect(server.logins).toBe(0);
    },
  );
});

describe('STARTTLS', () => {
  const inClear = '250-scripted\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 SIZE 10';

  test('what was offered before it is forgotten (RFC 3207 §4.2)', async () => {
    const relay = await scripted(
      (moment) =>
        moment === 'EHLO'
          ? relay.commands.includes('TLS')
            ? '250-scripted\r\n250 8BITMIME'
            : inClear
          : undefined,
      { certificate },
    );
    const courier = courierTo(`smtp://localhost:${relay.port}?tls=required&verify=false`);
    expect(await send(courier)).toMatchObject(accepted);
    const begin = relay.commands.indexOf('TLS');
    expect(relay.commands.slice(begin)).toEqual([
      'TLS',
      'EHLO shop.example',
      'MAIL FROM:<news@shop.example> BODY=8BITMIME',
      'RCPT TO:<ada@example.com>',
      'DATA',
    ]);
  });

  test('what a stranger puts behind its answer in clear is not taken for a word under TLS', async () => {
    const relay = await scripted(
      (moment) => {
        if (moment === 'STARTTLS')
          return '220 go\r\n250-evil\r\n250-PIPELINING\r\n250 SIZE 10\r\n250 Ok\r\n354 go';
        return moment === 'EHLO' && !relay.commands.includes('TLS') ? inClear : undefined;
      },
      { certificate },
    );
    const courier = courierTo(`smtp://localhost:${relay.port}?verify=false`);
    expect(await send(courier)).toMatchObject(accepted);
    expect(relay.commands).toContain('MAIL FROM:<news@shop.example>');
    expect(relay.bodies).toEqual([ON_THE_WIRE]);
  });

  test('that is offered and then refused is not done without', async () => {
    const relay = await scripted((moment) =>
      moment === 'EHLO' ? inClear : moment === 'STARTTLS' ? '454 4.7.0 TLS not available' : undefined,
    );
    const courier = courierTo(`smtp://localhost:${relay.port}`);
    expect(await send(courier)).toMatchObject(refused('connect', 454));
    expect(relay.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
  });

  test('a certificate that is vouched for is enough', async () => {
    const trusted = tls.getCACertificates();
    tls.setDefaultCACertificates([...trusted, certificate.cert]);
    try {
      const server = await realServer({ secure: true, authOptional: true });
      expect(await send(courierTo(`smtps://localhost:${server.port}`))).toMatchObject({ kind: 'accepted' });
      expect(server.mails).toEqual([{ to: 'ada@example.com', text: MAIL, encrypted: true }]);
    } finally {
      tls.setDefaultCACertificates(trusted);
    }
  });
});
