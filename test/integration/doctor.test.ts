import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postrider, Service } from '../support/command.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { DnsServer } from '../support/dns.js';
import { freePort } from '../support/ports.js';
import { rowCounts } from '../support/row-counts.js';
import { Sink } from '../support/sink.js';

let database: TestDatabase;
let dataDir: string;
let dns: DnsServer;
let sink: Sink;
let api: Service;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'postrider-doctor-command-'));
  dns = await DnsServer.start({
    'shop.example': { txt: ['v=spf1 ip4:198.41.0.4 -all'] },
    '_dmarc.shop.example': { txt: ['v=DMARC1; p=reject; rua=mailto:dmarc@shop.example'] },
  });
  sink = await Sink.start();
  const port = await freePort();
  environment = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    MAIL_FROM: 'Shop <news@shop.example>',
    SMTP_URL: sink.url,
    DNS_SERVERS: dns.server,
  };
  api = await Service.start(['api'], environment);
}, 120_000);

afterAll(async () => {
  await api?.stop();
  await Promise.all([sink?.stop(), dns?.stop()]);
  await database?.drop();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

interface Said {
  readonly summary: Record<string, number>;
  readonly findings: {
    check: string;
    subject: string | null;
    status: string;
    is: string;
    todo: string | null;
  }[];
  readonly oneClick: string;
}

const json = (output: string): Said => JSON.parse(output.slice(output.indexOf('{')));

test('--json says what is and what to do, the exit code that something fails, and nothing is changed', async () => {
  const before = await rowCounts(database.db);
  const { code, output } = await postrider(['doctor', '--json'], environment);
  const { findings, summary, oneClick } = json(output);
  const of = (check: string) =>
    findings.filter((finding) => finding.check === check).map(({ status, is }) => `${status}: ${is}`);
  expect(code).toBe(1);
  expect(of('public-url')).toContain('ok: It answers, and it is this install');
  expect(of('clock')).toContain('ok: The clock here and there agree to the second');
  expect(of('relay-auth')).toEqual(['ok: It lets us in without a password']);
  expect(of('dmarc')).toEqual(['ok: The record at _dmarc.shop.example asks for p=reject']);
  expect(of('dkim')[0]).toMatch(/^failure/);
  expect(of('workers')[0]).toMatch(/^failure: No worker is alive/);
  for (const { status, todo } of findings) expect(todo === null).toBe(status === 'ok');
  expect(Object.values(summary).reduce((sum, count) => sum + count)).toBe(findings.length);
  expect(sink.mails).toEqual([]);

  // The command for outside does what a mailbox provider does, and changes nothing.
  const url = /'(http[^']+)'$/.exec(oneClick)?.[1] ?? '';
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    redirect: 'manual',
  });
  expect(answer.status).toBe(200);
  const { process_metrics: _, relays: __, ...after } = await rowCounts(database.db);
  expect(before).toMatchObject(after);
}, 90_000);

test('in words, for a domain that was named', async () => {
  const { code, output } = await postrider(['doctor', 'other.example'], environment);
  expect(code).toBe(1);
  expect(output).toMatch(
    /^failure {2}spf other\.example +other\.example has no SPF record\n +→ Publish a TXT record/m,
  );
  expect(output).not.toContain('spf shop.example');
  expect(output).toMatch(/^\d+ ok, \d+ warning, \d+ failure, \d+ unknown$/m);
  expect(output).toContain('curl -sS');
}, 90_000);

test('something else at PUBLIC_URL is not this install', async () => {
  const other: Server = createServer((_request, response) => response.end('Hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const { output } = await postrider(['doctor', '--json'], {
      ...environment,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
    });
    expect(json(output).findings).toContainEqual(
      expect.objectContaining({ is: 'Something else answers there (status 200)' }),
    );
  } finally {
    other.close();
  }
}, 90_000);

test('without a database it says so, as JSON too', async () => {
  const { code, output } = await postrider(['doctor', '--json'], {
    ...environment,
    DATABASE_URL: 'postgres://x@127.0.0.1:1/x',
  });
  expect(code).toBe(1);
  expect(json(output).findings).toEqual([expect.objectContaining({ check: 'database', status: 'failure' })]);
}, 60_000);

test.each([
  [['--fast'], 'no "--fast"'],
  [['not a domain'], '"not a domain" is not a domain'],
])('%j is refused in words', async (args, says) => {
  const { code, output } = await postrider(['doctor', ...args], environment);
  expect([code, output]).toEqual([1, expect.stringContaining(says)]);
});

test('a nonce that is none gets no answer', async () => {
  expect((await fetch(`${api.url}/health/install/short`)).status).toBe(404);
});
