import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DnsServer } from '../../../test/support/dns.js';
import { loadConfig } from '../../platform/config/index.js';
import { MailDomains } from './mail-domains.js';

let dns: DnsServer;
beforeAll(async () => {
  dns = await DnsServer.start({
    'shop.example': { mx: ['10 mx1.shop.example', '20 mx2.shop.example'] },
    'xn--mnchen-3ya.example': { mx: ['10 mx.example'] },
    'null.example': { mx: ['0 .'], a: ['192.0.2.1'] },
    'address.example': { a: ['192.0.2.1'] },
    'six.example': { aaaa: ['2001:0db8:0000:0000:0000:0000:0000:0001'] },
    'empty.example': {},
    'broken.example': 'SERVFAIL',
    'silent.example': 'silent',
  });
});
afterAll(() => dns.stop());

const domains = (environment: Record<string, string> = {}) =>
  new MailDomains(loadConfig({ DNS_SERVERS: dns.server, ...environment }, '/dev/null'));

test.each([
  ['shop.example', undefined],
  ['xn--mnchen-3ya.example', undefined],
  ['address.example', undefined],
  ['six.example', undefined],
  ['null.example', 'takes_no_mail'],
  ['empty.example', 'takes_no_mail'],
  ['nowhere.example', 'no_such_domain'],
  // A DNS that fails is no reason to turn anybody away.
  ['broken.example', undefined],
  ['silent.example', undefined],
])(
  '%s: %s',
  async (domain, verdict) => {
    expect(await domains().unreachable(domain)).toBe(verdict);
  },
  20_000,
);

test('a server that is not there is no reason either', async () => {
  const gone = await DnsServer.start({});
  const { server } = gone;
  await gone.stop();
  expect(await domains({ DNS_SERVERS: server }).unreachable('shop.example')).toBeUndefined();
}, 20_000);

test('many forms for one domain are one question', async () => {
  const some = domains();
  const before = dns.questions.length;
  await Promise.all(Array.from({ length: 50 }, () => some.unreachable('shop.example')));
  await some.unreachable('shop.example');
  expect(dns.questions.slice(before)).toEqual(['MX shop.example']);
});

describe('where nobody named a server', () => {
  test.each([
    ['the built-in inbox', {}],
    ['a relay on this machine', { SMTP_URL: 'smtp://127.0.0.1:2525' }],
  ])('%s asks nothing', async (_, environment) => {
    const { dnsServers: servers } = loadConfig(environment, '/dev/null');
    expect(servers).toBeUndefined();
    const quiet = new MailDomains(loadConfig(environment, '/dev/null'));
    // Whoever asks somebody waits for an answer from outside, and that takes a turn of the event loop at least.
    const later = new Promise((resolve) => setImmediate(() => resolve('asked')));
    expect(await Promise.race([quiet.unreachable('no-such-domain.invalid'), later])).toBeUndefined();
  });
});
