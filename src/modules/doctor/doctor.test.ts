import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { sql } from 'kysely';
import { selfSigned, type Certificate } from '../../../test/support/certificate.js';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { DnsServer, type Zone } from '../../../test/support/dns.js';
import { ScriptedSmtp, type Script } from '../../../test/support/scripted-smtp.js';
import { ConfigModule, loadConfig } from '../../platform/config/index.js';
import { CryptoModule } from '../../platform/crypto/index.js';
import { DatabaseModule } from '../../platform/database/index.js';
import { DkimKeys, Relays } from '../delivery/index.js';
import { Senders } from '../lists/index.js';
import { Doctor } from './doctor.service.js';
import { DoctorModule } from './doctor.module.js';
import type { Finding } from './finding.js';

/** A public address that the zone of a test may give to any name; nothing here connects to it. */
const RELAY_IP = '198.41.0.4';

let database: TestDatabase;
let dataDir: string;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postrider-doctor-'));
});
afterAll(async () => rm(dataDir, { recursive: true, force: true }));
beforeEach(async () => {
  database = await testDatabase();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await database.drop();
});

async function doctorOf(zones: Record<string, Zone>, environment: Record<string, string> = {}) {
  const dns = await DnsServer.start(zones);
  const config = loadConfig(
    {
      DATA_DIR: dataDir,
      MAIL_FROM: 'Shop <news@shop.example>',
      SMTP_URL: 'smtp://127.0.0.1:1?tls=off',
      PUBLIC_URL: 'http://127.0.0.1:1',
      DNS_SERVERS: dns.server,
      ...environment,
    },
    '/dev/null',
  );
  const app = await NestFactory.createApplicationContext(
    {
      module: class DoctorUnderTest {},
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot({ url: database.url, max: 4, name: 'doctor test' }),
        CryptoModule,
        DoctorModule,
      ],
    },
    { logger: false },
  );
  closing.push(
    () => dns.stop(),
    () => app.close(),
  );
  await app.get(Senders, { strict: false }).ensureDefaults(config);
  if (config.env.SMTP_URL !== undefined)
    await app.get(Relays, { strict: false }).ensureDefault(config.env.SMTP_URL);
  return {
    zones: dns.zones,
    dkim: app.get(DkimKeys, { strict: false }),
    examine: async (domains?: string[]) => (await app.get(Doctor).examine(domains)).findings,
  };
}

/** As `status: what is`, for one check. */
const said = (findings: readonly Finding[], check: string): string[] =>
  findings.filter((finding) => finding.check === check).map(({ status, is }) => `${status}: ${is}`);

const zone = (txt: string[] = [], rest: object = {}): Zone => ({ txt, ...rest });

test('while all mail stays in the built-in inbox no DNS is asked, unless a domain is named', async () => {
  const { examine } = await doctorOf({}, { SMTP_URL: '', BOUNCE_DOMAIN: 'bounces.shop.example' });
  const ofDns = /^(spf|dkim|dmarc|alignment|ptr|bounce-domain)$/;
  expect((await examine()).filter(({ check }) => ofDns.test(check))).toEqual([]);
  expect(said(await examine(['shop.example']), 'spf')).toHaveLength(2);
});

describe('SPF', () => {
  const relay = { SMTP_URL: 'smtp://relay.example:587?tls=required' };
  const relayZone = { 'relay.example': { a: [RELAY_IP] } };
  const spfOf = async (zones: Record<string, Zone>, more = {}) =>
    said(await (await doctorOf({ ...relayZone, ...zones }, { ...relay, ...more })).examine(), 'spf');

  test('through an include it allows the relay', async () => {
    const zones = {
      'shop.example': zone(['other', 'v=spf1 include:_spf.relay.example -all']),
      '_spf.relay.example': zone([`v=spf1 ip4:198.41.0.0/24 ~all`]),
    };
    expect(await spfOf(zones)).toEqual([
      'ok: One record, 1 of 10 lookups, ends in -all',
      `ok: The record allows the relay "default" (${RELAY_IP})`,
    ]);
  });

  test.each<[string, Record<string, Zone>, string[]]>([
    ['none', { 'shop.example': zone(['hello']) }, ['failure: shop.example has no SPF record']],
    [
      'two',
      { 'shop.example': zone(['v=spf1 -all', 'v=spf1 mx -all']) },
      ['failure: shop.example has 2 SPF records'],
    ],
    [
      'wrong',
      { 'shop.example': zone(['v=spf1 ipv4:1.2.3.4 -all']) },
      [expect.stringContaining('"ipv4:1.2.3.4" is no mechanism')],
    ] as never,
    [
      '+all',
      { 'shop.example': zone(['v=spf1 +all']) },
      [expect.stringContaining('+all'), expect.stringMatching(/^ok/)],
    ] as never,
    [
      'another network, no end',
      { 'shop.example': zone(['v=spf1 ip4:192.0.2.1']) },
      [
        'warning: The record does not say what it thinks of all others',
        `warning: The record does not name the relay "default" (${RELAY_IP})`,
      ],
    ],
    [
      'an include that leads nowhere',
      { 'shop.example': zone(['v=spf1 include:gone.example -all']) },
      ['failure: gone.example has no SPF record'],
    ],
    [
      'a loop',
      { 'shop.example': zone(['v=spf1 include:shop.example -all']) },
      [expect.stringContaining('more than 10 fail'), expect.stringMatching(/^warning/)],
    ] as never,
    [
      'a DNS that fails',
      { 'shop.example': 'SERVFAIL' },
      [expect.stringMatching(/^unknown: the DNS gave no answer to TXT shop/)],
    ] as never,
  ])('%s', async (_name, zones, expected) => expect(await spfOf(zones)).toEqual(expected));

  test('with BOUNCE_DOMAIN it is that domain which must allow the relay', async () => {
    const zones = { 'bounces.shop.example': zone([`v=spf1 ip4:${RELAY_IP} -all`]) };
    expect(await spfOf(zones, { BOUNCE_DOMAIN: 'bounces.shop.example' })).toEqual([
      'ok: One record, 0 of 10 lookups, ends in -all',
      `ok: The record allows the relay "default" (${RELAY_IP})`,
      'warning: shop.example has no SPF record',
    ]);
  });
});

describe('alerts', () => {
  test('nobody is told, or an address that gets no mail', async () => {
    const of = async (environment: Record<string, string>) =>
      said(await (await doctorOf({}, environment)).examine(), 'alerts');
    expect(await of({})).toEqual([expect.stringMatching(/^warning: ALERT_EMAIL is not set/)]);
    await sql`
      INSERT INTO suppressions (id, canonical, scope, reason)
      VALUES (gen_random_uuid(), 'gone@shop.example', 'all', 'hard_bounce')`.execute(database.db);
    expect(await of({ ALERT_EMAIL: 'ops@shop.example,Gone@shop.example' })).toEqual([
      'ok: Alerts go there',
      'failure: The address is suppressed (hard_bounce): no alert reaches it',
    ]);
    await sql`
      INSERT INTO alerts (id, kind, subject, at) VALUES ('019a0000-0000-7000-8000-000000000000', 'disk', 'x', now())`.execute(
      database.db,
    );
    expect((await of({ ALERT_EMAIL: 'ops@shop.example' }))[0]).toMatch(/^failure: 1 waiting/);
  });
});

describe('DKIM', () => {
  test('no key is a failure, unless the relay signs; keys must stand in DNS as they are', async () => {
    const { examine, dkim, zones } = await doctorOf({});
    expect(said(await examine(), 'dkim')).toEqual([expect.stringMatching(/^failure: There is no key/)]);
    const keys = await dkim.create('shop.example');
    const [rsa, ed25519] = [
      keys.find((key) => key.algorithm === 'rsa-sha256')!,
      keys.find((key) => key.algorithm !== 'rsa-sha256')!,
    ];
    expect(said(await examine(), 'dkim')).toHaveLength(2);
    expect(said(await examine(), 'dkim').every((line) => line.startsWith('failure'))).toBe(true);

    for (const { record } of keys) zones[record!.name] = zone([record!.strings.join('')]);
    expect(
      said(await examine(), 'dkim').every((line) => line.includes('DNS shows it') && line.startsWith('ok')),
    ).toBe(true);

    // White space and other tags do not matter; a forged, an empty and a double one do.
    const text = rsa.record!.strings.join('');
    zones[rsa.record!.name] = zone([`k=rsa; t=s; p=${text.split('p=')[1]!.replace(/.{60}/g, '$& ')}`]);
    expect(said(await examine(), 'dkim').filter((line) => line.startsWith('ok'))).toHaveLength(2);
    zones[rsa.record!.name] = zone([ed25519.record!.strings.join('')]);
    expect(said(await examine(), 'dkim')).toContainEqual(
      expect.stringMatching(/^failure: RSA .* shows another key/),
    );
    zones[rsa.record!.name] = zone(['v=DKIM1; p=']);
    expect(said(await examine(), 'dkim')).toContainEqual(expect.stringMatching(/^failure: RSA .* empty key/));
    zones[rsa.record!.name] = zone([text, text]);
    expect(said(await examine(), 'dkim')).toContainEqual(
      expect.stringMatching(/^failure: RSA .* 2 TXT records/),
    );
    zones[rsa.record!.name] = zone([text]);
    zones[ed25519.record!.name] = 'NXDOMAIN';
    expect(said(await examine(), 'dkim')).toContainEqual(
      expect.stringMatching(/^warning: Ed25519 .* RSA signature still passes/),
    );
  });

  test('a new key that waits for its record is no failure: the one before it signs', async () => {
    const { examine, dkim, zones } = await doctorOf({});
    for (const { record } of await dkim.create('shop.example'))
      zones[record!.name] = zone([record!.strings.join('')]);
    await dkim.create('shop.example');
    const lines = said(await examine(), 'dkim').toSorted();
    expect(lines.map((line) => line.split(':')[0])).toEqual(['ok', 'ok', 'warning', 'warning']);
    expect(lines.at(-1)).toContain('does not sign');
  });

  test('where the relay signs, it cannot be told from here', async () => {
    const { examine } = await doctorOf({});
    await database.db.updateTable('relays').set({ signing: 'relay' }).execute();
    expect(said(await examine(), 'dkim')).toEqual([expect.stringMatching(/^unknown: The relay signs/)]);
  });
});

describe('DMARC and alignment', () => {
  const at = async (
    zones: Record<string, Zone>,
    environment: Record<string, string> = {},
    withKey = true,
  ) => {
    const doctor = await doctorOf(zones, { MAIL_FROM: 'news@news.shop.example', ...environment });
    if (withKey) await doctor.dkim.create('news.shop.example');
    const findings = await doctor.examine();
    return [...said(findings, 'dmarc'), ...said(findings, 'alignment')];
  };
  const strict = {
    '_dmarc.shop.example': zone(['v=DMARC1; p=reject; sp=quarantine; aspf=s; rua=mailto:d@shop.example']),
  };

  test('the policy of the organisational domain for those below it', async () => {
    expect(await at(strict)).toEqual([
      'ok: The record at _dmarc.shop.example asks for p=quarantine',
      'ok: DKIM (d=news.shop.example) and the envelope (news.shop.example) are aligned with From',
    ]);
  });

  test('strict alignment wants the very domain in the envelope', async () => {
    expect((await at(strict, { BOUNCE_DOMAIN: 'bounces.shop.example' }))[1]).toMatch(
      /^warning: .*\(aspf is strict\)/,
    );
    const relaxed = { '_dmarc.news.shop.example': zone(['v=DMARC1; p=none; rua=mailto:d@shop.example']) };
    expect(await at(relaxed, { BOUNCE_DOMAIN: 'bounces.shop.example' })).toEqual([
      expect.stringMatching(/^warning: .*p=none: mail that others send/),
      expect.stringMatching(/^ok: .*bounces\.shop\.example/),
    ]);
  });

  test('neither key nor envelope: all mail fails', async () => {
    expect((await at(strict, { BOUNCE_DOMAIN: 'bounces.other.example' }, false))[1]).toMatch(
      /^failure: Neither/,
    );
  });

  test.each<[string, Record<string, Zone>, RegExp]>([
    [
      'none at all',
      {},
      /^failure: There is no DMARC record at _dmarc\.news\.shop\.example, nor at _dmarc\.shop\.example/,
    ],
    [
      'two',
      { '_dmarc.news.shop.example': zone(['v=DMARC1; p=none', 'v=DMARC1; p=reject']) },
      /^failure: There are 2/,
    ],
    ['without a policy', { '_dmarc.news.shop.example': zone(['v=DMARC1; p=']) }, /^failure: .* is wrong/],
    [
      'without reports',
      { '_dmarc.news.shop.example': zone(['v=DMARC1; p=reject']) },
      /^warning: .*nobody gets its reports/,
    ],
    ['no answer', { '_dmarc.news.shop.example': 'SERVFAIL' }, /^unknown/],
  ])('%s', async (_name, zones, expected) => expect((await at(zones))[0]).toMatch(expected));
});

describe('the bounce domain and PTR', () => {
  const environment = { BOUNCE_DOMAIN: 'bounces.shop.example', SMTP_URL: 'smtp://relay.example:587' };

  test('MX to a host with an address, and a port that receives', async () => {
    const zones: Record<string, Zone> = {
      'bounces.shop.example': { mx: ['10 in.shop.example'] },
      'in.shop.example': { a: [RELAY_IP] },
    };
    let greeting = '220 bounces.shop.example ESMTP Postrider';
    const listener = createServer((socket) => socket.end(`${greeting}\r\n`)).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const open = await doctorOf(zones, { ...environment, INBOUND_SMTP_PORT: String(port) });
    expect(said(await open.examine(), 'bounce-domain')).toEqual([
      `ok: Mail is received on port ${port}`,
      'ok: MX leads to in.shop.example',
    ]);
    greeting = '220 somebody.example ESMTP';
    expect(said(await open.examine(), 'bounce-domain')[0]).toMatch(/^failure: Something else answers/);
    listener.close();
    await once(listener, 'close');
    expect(said(await open.examine(), 'bounce-domain')[0]).toMatch(/^warning: Nobody receives mail on port/);
    delete open.zones['in.shop.example'];
    expect(said(await open.examine(), 'bounce-domain')[1]).toMatch(
      /^failure: The MX host in\.shop\.example has no address/,
    );
    open.zones['bounces.shop.example'] = { mx: ['0 .'] };
    expect(said(await open.examine(), 'bounce-domain')[1]).toMatch(/^failure: .* has no MX record/);
    const closed = await doctorOf(zones, environment);
    expect(said(await closed.examine(), 'bounce-domain')[0]).toMatch(
      /^warning: INBOUND_SMTP_PORT is not set/,
    );
  });

  test('a name of the address that leads back to it', async () => {
    const reverse = '4.0.41.198.in-addr.arpa';
    const { examine, zones } = await doctorOf(
      { 'relay.example': { a: [RELAY_IP] }, [reverse]: { ptr: ['relay.example'] } },
      environment,
    );
    expect(said(await examine(), 'ptr')).toEqual(['ok: It is relay.example, and that leads back']);
    zones[reverse] = { ptr: ['host-4.hoster.example'] };
    expect(said(await examine(), 'ptr')).toEqual([expect.stringMatching(/^warning: .*does not lead back/)]);
    delete zones[reverse];
    expect(said(await examine(), 'ptr')).toEqual(['warning: The address has no name (PTR)']);
  });
});

describe('TLS of a relay, and signing in', () => {
  const offers = ['STARTTLS', 'AUTH PLAIN'];
  const trusted: Certificate = selfSigned(80);
  const known = getCACertificates('default');

  const relayOf = async (
    certificate: Certificate | undefined,
    query: string,
    script: Script = () => undefined,
  ) => {
    const smtp = await ScriptedSmtp.start(
      script,
      certificate ? { offers, certificate } : { offers: ['AUTH PLAIN'] },
    );
    closing.push(() => smtp.stop());
    const { examine } = await doctorOf(
      {},
      { SMTP_URL: `smtp://user:Samovar-9@localhost:${smtp.port}${query}` },
    );
    const findings = await examine();
    expect(smtp.bodies).toEqual([]);
    expect(JSON.stringify(findings)).not.toContain('Samovar-9');
    return { tls: said(findings, 'relay-tls'), auth: said(findings, 'relay-auth') };
  };

  const trust = (certificate: Certificate) => setDefaultCACertificates([...known, certificate.cert]);
  afterEach(() => setDefaultCACertificates(known));

  test('a certificate that is trusted, and a password that is taken', async () => {
    trust(trusted);
    expect(await relayOf(trusted, '?tls=required')).toEqual({
      tls: [expect.stringMatching(/^ok: TLSv1\.3, a certificate for localhost, 79 days left/)],
      auth: ['ok: It accepts the user "user"'],
    });
  });

  test.each<[string, number, RegExp]>([
    [
      'of nobody that is known',
      80,
      /^failure: The certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): no mail leaves/,
    ],
    ['that has ended', -2, /^failure: The certificate ended on /],
  ])('a certificate %s', async (_name, days, expected) => {
    const { tls, auth } = await relayOf(selfSigned(days), '?tls=required');
    expect(tls).toEqual([expect.stringMatching(expected)]);
    expect(auth).toEqual([expect.stringMatching(/^failure: Signing in did not work/)]);
  });

  test('one that ends soon is a warning; one that need not be checked too', async () => {
    const soon = selfSigned(5);
    trust(soon);
    expect((await relayOf(soon, '?tls=required')).tls).toEqual([
      expect.stringMatching(/^warning: The certificate ends in 4 days/),
    ]);
    setDefaultCACertificates(known);
    expect((await relayOf(trusted, '?tls=required&verify=false')).tls).toEqual([
      expect.stringMatching(/^warning: .*the URL says to take it/),
    ]);
  });

  test('no STARTTLS where it is required', async () => {
    const refuse: Script = (moment) => (moment === 'STARTTLS' ? '502 5.5.1 What?' : undefined);
    expect(await relayOf(undefined, '?tls=required', refuse)).toEqual({
      tls: [expect.stringMatching(/^failure: It does not offer STARTTLS, and the URL requires it/)],
      auth: [expect.stringMatching(/^failure/)],
    });
  });

  test('a wrong password, a greeting that refuses, a relay that is silent, and none at all', async () => {
    const at =
      (moment: string, answer: string): Script =>
      (now) =>
        now === moment ? answer : undefined;
    expect((await relayOf(undefined, '?tls=off', at('AUTH', '535 5.7.8 Wrong password'))).auth).toEqual([
      'failure: It refuses user or password: 535 Wrong password',
    ]);
    expect((await relayOf(undefined, '?tls=off', at('greeting', '554 5.7.1 Go away'))).auth).toEqual([
      'failure: It refuses the connection: 554 Go away',
    ]);
    const { examine } = await doctorOf({}, { SMTP_URL: 'smtp://127.0.0.1:1' });
    const findings = await examine();
    expect(said(findings, 'relay-tls')).toEqual([
      expect.stringMatching(/^failure: No connection to 127\.0\.0\.1:1/),
    ]);
    const began = Date.now();
    const silent = await relayOf(undefined, '', at('greeting', 'silence'));
    expect(silent.tls).toEqual([expect.stringMatching(/^failure: .*no answer in time/)]);
    expect(Date.now() - began).toBeLessThan(15_000);
  }, 40_000);
});

describe('the machine', () => {
  test('database, clock, workers, what waits, received mails', async () => {
    const { examine } = await doctorOf({});
    let findings = await examine();
    expect(said(findings, 'database')).toEqual([
      expect.stringMatching(/^(ok: PostgreSQL|failure: PostgreSQL .* fsync)/),
    ]);
    expect(said(findings, 'clock')).toEqual(['ok: The clocks of this machine and the database agree']);
    expect(said(findings, 'workers')).toEqual([expect.stringMatching(/^failure: No worker is alive/)]);
    expect(said(findings, 'queue')).toEqual(['ok: No single mail waits']);
    expect(said(findings, 'disk')[0]).toMatch(/GiB free at/);

    await sql`INSERT INTO process_metrics (process, metrics) VALUES ('worker orders service 1', '{}')`.execute(
      database.db,
    );
    await sql`
      INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain, due_at)
      VALUES (date_trunc('month', now()), 'orders', gen_random_uuid(), gen_random_uuid(), 'a@b.example', 'b.example', now() - interval '90 minutes')`.execute(
      database.db,
    );
    await sql`
      INSERT INTO inbound_mails (id, sha256, sender, recipient, route, size, raw, state)
      VALUES (gen_random_uuid(), 'x', '', 'y', 'bounces', 1, 'x', 'failed')`.execute(database.db);
    await sql`
      INSERT INTO provider_requests (id, provider, sha256, body, state)
      VALUES (gen_random_uuid(), 'ses', 'x', 'x', 'failed')`.execute(database.db);
    findings = await examine();
    expect(said(findings, 'workers')).toEqual([
      expect.stringMatching(/^warning: 1 alive, but none serves signUps.*news/),
    ]);
    expect(said(findings, 'queue')).toEqual(['failure: The oldest mail that is due waits for 90 min']);
    expect(said(findings, 'inbound')).toEqual(['warning: 1 received mails could not be handled']);
    expect(said(findings, 'mail-events')).toEqual([
      expect.stringMatching(/^warning: 1 webhooks of mail providers could not be handled/),
    ]);
  });
});

test('without internet every question is answered with "unknown" within 20 s', async () => {
  const names = ['shop.example', '_dmarc.shop.example', 'bounces.shop.example', 'relay.example'];
  const { examine } = await doctorOf(Object.fromEntries(names.map((name) => [name, 'silent' as const])), {
    BOUNCE_DOMAIN: 'bounces.shop.example',
    SMTP_URL: 'smtp://relay.example:587',
  });
  const began = Date.now();
  const findings = await examine();
  expect(Date.now() - began).toBeLessThan(18_000);
  for (const check of ['spf', 'dmarc', 'bounce-domain'])
    expect(said(findings, check).at(-1)).toMatch(/^unknown/);
}, 30_000);
