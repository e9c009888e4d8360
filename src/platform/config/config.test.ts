import { expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from './config.js';

function problem(environment: Record<string, string>): string {
  try {
    loadConfig(environment, '/dev/null');
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
}

test.each([
  ['PORT', '99999'],
  ['PORT', 'http'],
  ['PORT', '80.5'],
  ['PUBLIC_URL', 'ftp://mail.example.com'],
  ['TRUST_PROXY', 'nginx'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.1,'],
  ['DATABASE_URL', 'mysql://host/db'],
  ['REDIS_URL', 'http://host'],
  ['SMTP_URL', 'http://relay.example.com'],
  ['SMTP_URL', 'smtp://127.0.0.1:99999'],
  ['SMTP_URL', 'smtp://relay.example.com?tls=maybe'],
  ['SMTP_URL', 'smtp://relay.example.com?tsl=required'],
  // new URL() takes "ss" for the host and the rest for a path.
  ['SMTP_URL', 'smtp://user:pa@ss/word@relay.example.com'],
  ['SMTP_URL', 'smtp://user:100%zz@relay.example.com'],
  ['SMTP_CONNECTIONS', '0'],
  ['SECRET_KEY', 'secret'],
  ['MAIL_FROM', 'news'],
  ['INBOUND_SMTP_PORT', '-1'],
  ['BOUNCE_DOMAIN', 'bounces'],
  ['SANDBOX_DOMAIN', 'sandbox'],
  ['BOUNCE_DOMAIN', 'news@example.com'],
  ['BOUNCE_DOMAIN', 'bounces..example.com'],
  ['BOUNCE_DOMAIN', `${'a.'.repeat(94)}com`],
  ['RETRY_HOURS_ORDERS', '0'],
  ['RETRY_HOURS_NEWS', '241'],
  ['DNS_SERVERS', 'dns.example.com'],
  ['WEBHOOK_ALLOW_PRIVATE', 'yes'],
  ['DNS_SERVERS', '9.9.9.9,'],
  ['DNS_SERVERS', '127.0.0.1:99999'],
  ['INBOX_MAX_MESSAGES', 'many'],
  ['TIMEZONE', 'Mars/Olympus'],
  ['BOOTSTRAP_API_KEY', 'key_0123456789abcdef'],
  ['BOOTSTRAP_API_KEY', 'pr_short'],
  ['WORKER_PROCESSES', '65'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s is refused by its name', (name, value) => {
  const message = problem({ [name]: value, MAIL_FROM: name === 'MAIL_FROM' ? value : 'news@example.com' });
  expect(message).toMatch(new RegExp(`^  ${name}: \\S`, 'm'));
});

test('all that is wrong is said at once, and no secret with it', () => {
  const message = problem({
    PORT: '-1',
    LOG_LEVEL: 'loud',
    SECRET_KEY: 'hunter2',
    SMTP_URL: 'smtp://u:hunter2@h/x',
  });
  for (const name of ['PORT', 'LOG_LEVEL', 'SECRET_KEY', 'SMTP_URL']) expect(message).toContain(`${name}: `);
  expect(message).not.toContain('hunter2');
});

test('a relay needs a From, unless it is on this machine', () => {
  expect(problem({ SMTP_URL: 'smtp://relay.example.com' })).toMatch(/^MAIL_FROM: /);
  expect(problem({ SMTP_URL: 'smtp://127.0.0.1:2525' })).toBe('none');
});

test('a secret comes either by itself or from a file', () => {
  expect(problem({ SECRET_KEY: 'x', SECRET_KEY_FILE: '/x' })).toMatch(/^SECRET_KEY: set either/);
  expect(problem({ DATABASE_URL_FILE: '/dev/null' })).toBe('DATABASE_URL_FILE: /dev/null is empty');
  expect(problem({ DATABASE_URL_FILE: '/does/not/exist' })).toMatch(
    /^DATABASE_URL_FILE: .*\/does\/not\/exist/,
  );
});

test.each([
  ['false', false],
  ['true', true],
  ['10.0.0.1, 2001:db8::/32', ['10.0.0.1', '2001:db8::/32']],
])('TRUST_PROXY=%s', (value, expected) => {
  expect(loadConfig({ TRUST_PROXY: value }, '/dev/null').trustProxy).toEqual(expected);
});

test('how long mail is tried is set for each stream', () => {
  expect(loadConfig({}, '/dev/null').retryHours).toEqual({ orders: 96, service: 48, news: 48 });
  expect(loadConfig({ RETRY_HOURS_NEWS: '6' }, '/dev/null').retryHours).toMatchObject({
    orders: 96,
    news: 6,
  });
});

test('BOUNCE_DOMAIN is lower case', () => {
  expect(loadConfig({ BOUNCE_DOMAIN: 'Bounces.Example.COM' }, '/dev/null').env.BOUNCE_DOMAIN).toBe(
    'bounces.example.com',
  );
});

test('mail to the shop itself may not end in the sandbox', () => {
  const both = { SANDBOX_DOMAIN: 'Shop.example' };
  const load = (environment: Record<string, string>) => loadConfig(environment, '/dev/null');
  expect(load(both).env.SANDBOX_DOMAIN).toBe('shop.example');
  expect(() => load({ ...both, MAIL_FROM: 'Shop <news@shop.example>' })).toThrow(
    'SANDBOX_DOMAIN: mail to shop.example would never leave, and MAIL_FROM uses it',
  );
  expect(() => load({ ...both, BOUNCE_DOMAIN: 'shop.example' })).toThrow('and BOUNCE_DOMAIN uses it');
});

test('an empty value is none', () => {
  const { env } = loadConfig({ PORT: '', SMTP_URL: '' }, '/dev/null');
  expect([env.PORT, env.SMTP_URL]).toEqual([3000, undefined]);
});

test('ALERT_EMAIL names whom to tell, each once; what is no address is named', () => {
  const told = (ALERT_EMAIL: string) =>
    loadConfig({ ALERT_EMAIL }, '/dev/null').alertAddresses.map(({ typed }) => typed);
  expect(told('')).toEqual([]);
  expect(told('Ops@shop.example, night@shop.example,ops@shop.example')).toEqual([
    'ops@shop.example',
    'night@shop.example',
  ]);
  expect(problem({ ALERT_EMAIL: 'ops@shop.example, me' })).toMatch(
    /ALERT_EMAIL: "me" is not an email address/,
  );
  expect(problem({ ALERT_EMAIL: 'Ops <ops@shop.example>' })).toMatch(
    /ALERT_EMAIL: "Ops <ops@shop\.example>"/,
  );
  expect(problem({ ALERT_EMAIL: Array.from({ length: 21 }, (_, n) => `n${n}@shop.example`).join() })).toMatch(
    /ALERT_EMAIL: names more than 20 addresses/,
  );
});
