import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { monthOf } from '../src/domain/index.js';
import { BounceAddresses } from '../src/modules/delivery/index.js';
import { loadConfig } from '../src/platform/config/index.js';
import { KeyRing } from '../src/platform/crypto/index.js';
import { loadSecretKey } from '../src/platform/crypto/secret-key.js';
import { Database } from '../src/platform/database/index.js';
import { freePort } from '../test/support/ports.js';
import { SmtpClient } from '../test/support/smtp-client.js';
import { describeMemory, watchMemory, type Memory } from './support/memory.js';
import { print } from './support/print.js';
import { pidOf } from './support/processes.js';
import { Program } from './support/program.js';

const DOMAIN = 'bounces.bench.example';
const CLIENTS = 10;

/**
 * Bounces (50,000 by default) over SMTP to the inbound listener of the whole program, as fast as it takes them, until each address is
 * suppressed: hard ones, soft ones and refusals by policy in turn. Sustained means until the last is settled, not until it is taken.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { bounces: { type: 'string', default: '50000' } } });
  const count = Number(values.bounces);
  const port = await freePort();
  const environment = { BOUNCE_DOMAIN: DOMAIN, INBOUND_SMTP_PORT: String(port) };
  await Program.with({ environment }, async (program) => {
    const db = new Database(program.pool);
    const config = loadConfig({ DATA_DIR: program.folder, LOG_LEVEL: 'silent' }, '/dev/null');
    const addresses = new BounceAddresses(await KeyRing.load(db, loadSecretKey(config)));
    const bucket = monthOf(new Date());
    const first = await insert(db, bucket, count);
    const before = program.cpuParts();
    const client = process.cpuUsage();
    const began = performance.now();
    let next = 0;
    const memory = watchMemory(
      program,
      { api: pidOf(program.root, /\bapi\b/), worker: pidOf(program.root, /\binbound\b/) },
      () => Math.min(next, count),
    );
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const line = await SmtpClient.open(port);
        // Otherwise the last line waits for the acknowledgement of the mail, which the kernel holds back for 40 ms (Nagle).
        line.socket.setNoDelay();
        await line.hello();
        for (let at = next++; at < count; at = next++) {
          const to = `${addresses.make({ bucket, id: first + at })}@${DOMAIN}`;
          const answer = await line.mail(to, report(at), '');
          if (!answer.startsWith('250')) throw new Error(answer);
          line.heard.length = 0;
        }
        line.close();
      }),
    );
    const taken = seconds(began);
    while ((await waiting(db)) > 0) await sleep(100);
    const took = seconds(began);
    print(
      `${count.toLocaleString('en')} bounces taken in ${taken.toFixed(1)} s, settled in ${took.toFixed(1)} s: ${Math.round(count / took)}/s`,
    );
    const { user, system } = process.cpuUsage(client);
    const cpu = [...program.cpuParts()].map(([name, used]): [string, number] => [
      name,
      used - (before.get(name) ?? 0),
    ]);
    const all = cpu.reduce((sum, [, used]) => sum + used, 0);
    print(
      `CPU ${each(all, count)} a bounce, all of Postrider and PostgreSQL; beside it ${each((user + system) / 1e6, count)} of the client`,
    );
    for (const [name, used] of cpu) print(`  ${each(used, count)}  ${name}`);
    for (const look of tenThousands(await memory()))
      print(`memory at ${look.at.toLocaleString('en')}: ${describeMemory(look)}`);
    await check(db, count);
  });
}

/** Deliveries that were sent, one a person. @returns the id of the first */
async function insert(db: Database, bucket: string, count: number): Promise<number> {
  await sql`
    INSERT INTO people (id, canonical, address, attributes)
    SELECT gen_random_uuid(), 'person-' || n || '@mail-' || n % 1000 || '.example', 'person-' || n || '@mail-' || n % 1000 || '.example', '{}'
      FROM generate_series(0, ${count}::int - 1) n`.execute(db);
  const { rows } = await sql<{ first: number }>`
    WITH made AS (
      INSERT INTO deliveries (bucket, stream, message_id, person_id, address, recipient_domain, state, relay, settled_at)
      SELECT ${bucket}::date, 'orders', gen_random_uuid(), id, address, split_part(address, '@', 2), 'sent', 'main', now()
        FROM people ORDER BY split_part(split_part(address, '@', 1), '-', 2)::int
      RETURNING id)
    SELECT min(id) AS first FROM made`.execute(db);
  await sql`ANALYZE deliveries, people`.execute(db);
  return rows[0]!.first;
}

const replies = [
  '550 5.1.1 User unknown',
  '552 5.2.2 Mailbox full',
  '550 5.7.1 Message rejected due to local policy',
];

function report(at: number): string {
  const reply = replies[at % replies.length]!;
  return [
    'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <${at}@mx.example.net>`,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b\r\n\r\nThis is the mail system at host mx.example.net.\r\n--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.net',
    '',
    `Final-Recipient: rfc822; person-${at}@mail-${at % 1000}.example`,
    'Action: failed',
    `Status: ${reply.split(' ')[1]}`,
    `Diagnostic-Code: smtp; ${reply}`,
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Subject: News\r\n\r\n${'The returned mail.\r\n'.repeat(100)}--b--\r\n`,
  ].join('\r\n');
}

async function waiting(db: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM (SELECT 1 FROM inbound_mails WHERE state = 'waiting' LIMIT 1) w`.execute(
    db,
  );
  return rows[0]!.n;
}

/** Every address once, and none for a policy. */
async function check(db: Database, count: number): Promise<void> {
  const { rows } = await sql<{ suppressed: number; told: number }>`
    SELECT (SELECT count(*)::int FROM suppressions WHERE reason = 'hard_bounce') AS suppressed,
           (SELECT count(*)::int FROM mail_reports) AS told`.execute(db);
  const { suppressed, told } = rows[0]!;
  if (suppressed !== Math.ceil(count / replies.length) || told !== count)
    throw new Error(`${told} of ${count} were told, ${suppressed} suppressed`);
  print(`${suppressed.toLocaleString('en')} addresses suppressed, each once`);
}

/** The first look after each ten thousand, and the last. */
function tenThousands(looks: readonly Memory[]): Memory[] {
  const step = ({ at }: Memory) => Math.floor(at / 10_000);
  return looks.filter((look, place) => {
    const last = looks[place - 1];
    return place === looks.length - 1 || (last && step(look) > step(last));
  });
}

const each = (cpuSeconds: number, count: number): string => `${((1000 * cpuSeconds) / count).toFixed(2)} ms`;
const seconds = (began: number): number => (performance.now() - began) / 1000;
