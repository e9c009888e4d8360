import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createPool } from '../src/platform/database/index.js';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.js';
import { freePort } from '../test/support/ports.js';
import { describeMachine } from './support/machine.js';
import { ask, cpuByProcess, cpuSeconds, forkScript, postmasterOf } from './support/processes.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const API_KEY = 'pr_bench_0123456789abcdef';
const CONNECTIONS = 5;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Blast extends Measured {
  /** CPU seconds by process. */
  readonly parts: Map<string, number>;
  readonly mailFile: string;
  readonly octets: number;
}

/**
 * A blast of N recipients through the whole program (API, queue, worker processes, embedded PostgreSQL), fully accounted, into a
 * sink in its own process; and nodemailer's pooled sendMail of the same message with as many processes, in the same run.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      recipients: { type: 'string', default: '20000' },
      processes: { type: 'string', default: '1' },
    },
  });
  const recipients = Number(values.recipients);
  const processes = Number(values.processes);
  const folder = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
  const sink = forkScript('./sink.ts');
  const { port } = await ask<{ port: number }>(sink);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
  try {
    const pool = createPool({ url: postgres.url, max: 2, name: 'bench', onError: () => undefined });
    for (const line of await describeMachine(pool)) print(line);
    print(
      `${recipients} recipients, ${processes} sending process(es) of ${CONNECTIONS} connections each, unsigned\n`,
    );
    const program = await startProgram(folder, postgres.url, port, processes);
    let blast: Blast;
    try {
      blast = await measureBlast(program, pool, postgres.url, sink, recipients, folder);
    } finally {
      await program.stop();
      await pool.end();
    }
    const yardstick = await measureYardstick(port, recipients, processes, blast.mailFile);
    report('Postrider', blast, recipients);
    for (const [name, seconds] of blast.parts) {
      print(`  of which ${name.padEnd(28)} ${((seconds * 1000) / recipients).toFixed(3)} CPU-ms`);
    }
    print(`  a mail has ${blast.octets} octets`);
    report('nodemailer pool', yardstick, recipients);
    print(
      `\nPostrider / nodemailer: ${(yardstick.seconds / blast.seconds).toFixed(2)} × the messages a second`,
    );
  } finally {
    sink.disconnect();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Program {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startProgram(
  dataDir: string,
  databaseUrl: string,
  sinkPort: number,
  processes: number,
): Promise<Program> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, 'start'], {
    cwd: dataDir,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      SMTP_URL: `smtp://127.0.0.1:${sinkPort}?tls=off`,
      SMTP_CONNECTIONS: String(CONNECTIONS),
      MAIL_FROM: 'Bench <news@bench.example>',
      BOOTSTRAP_API_KEY: API_KEY,
      WORKER_PROCESSES: String(processes),
      LOG_LEVEL: 'warn',
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`start ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

type Pool = ReturnType<typeof createPool>;
type Child = ReturnType<typeof forkScript>;

async function measureBlast(
  program: Program,
  pool: Pool,
  databaseUrl: string,
  sink: Child,
  recipients: number,
  folder: string,
): Promise<Blast> {
  await call(program, 'POST', '/v1/lists', { slug: 'bench', name: 'Bench' });
  await addAudience(pool, recipients);
  const content = await readFile(new URL('./support/letter.md', import.meta.url), 'utf8');
  const campaign = await call(program, 'POST', '/v1/campaigns', {
    name: 'Bench',
    subject: 'Bench',
    lists: ['bench'],
    content,
  });

  const postmaster = postmasterOf(databaseUrl);
  const cpu = () => cpuSeconds(program.pid) + cpuSeconds(postmaster);
  const began = cpu();
  const partsBefore = cpuByProcess(program.pid).set('postgres', cpuSeconds(postmaster));
  const started = performance.now();
  await call(program, 'POST', `/v1/campaigns/${campaign.id}/send`);
  let octets = 0;
  for (;;) {
    const { state, counts } = await call(program, 'GET', `/v1/campaigns/${campaign.id}`);
    if (state === 'finished') {
      const { count, octets: all } = await ask<{ count: number; octets: number }>(sink, {});
      if (counts.sent !== recipients || count !== recipients) {
        throw new Error(`The counts are wrong: sink ${count}, ${JSON.stringify(counts)}`);
      }
      octets = Math.round(all / count);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - started) / 1000;
  const used = cpu() - began;
  const parts = cpuByProcess(program.pid).set('postgres', cpuSeconds(postmaster));
  for (const [name, before] of partsBefore) parts.set(name, (parts.get(name) ?? 0) - before);
  return { seconds, cpuSeconds: used, parts, octets, mailFile: await saveMail(pool, folder) };
}

/** People who have confirmed, written straight into the tables: the bench is about sending. */
async function addAudience(pool: Pool, recipients: number): Promise<void> {
  await pool.query(
    `WITH people AS (
       INSERT INTO people (id, canonical, address, name, locale)
       SELECT gen_random_uuid(), 'bench-' || n || '@example.com', 'bench-' || n || '@example.com', 'Person ' || n, 'en'
         FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, confirmed_at)
     SELECT gen_random_uuid(), people.id, lists.id, 'confirmed', now() FROM people, lists WHERE lists.slug = 'bench'`,
    [recipients],
  );
  await pool.query('ANALYZE people, subscriptions');
}

/** The same message for the yardstick: what Postrider compiled, with the name as its merge tag and links of the same length. */
async function saveMail(pool: Pool, folder: string): Promise<string> {
  const { rows } = await pool.query(
    `SELECT compiled FROM compiled_templates c JOIN batches b ON b.revision_id = c.revision_id LIMIT 1`,
  );
  const { subject, html, text } = rows[0].compiled as { subject: string; html: string; text: string };
  const link = `https://bench.example/unsubscribe/${'x'.repeat(75)}`;
  const fill = (part: string): string =>
    part
      .replaceAll(/\{%[^%]*%\}/g, '')
      .replaceAll(/\{\{\s*recipient\.name[^}]*\}\}/g, '__NAME__')
      .replaceAll(/\{\{\s*links[^}]*\}\}/g, link)
      .replaceAll(/\{\{[^}]*\}\}/g, 'Bench');
  const headers = {
    'List-Unsubscribe': `<${link}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': '<bench.lists.bench.example>',
    'Feedback-ID': 'x:bench:news:bench-example',
  };
  const file = join(folder, 'mail.json');
  await writeFile(
    file,
    JSON.stringify({ subject: fill(subject), html: fill(html), text: fill(text), headers }),
  );
  return file;
}

async function measureYardstick(
  port: number,
  recipients: number,
  processes: number,
  file: string,
): Promise<Measured> {
  const share = String(Math.ceil(recipients / processes));
  const children = Array.from({ length: processes }, () =>
    forkScript('./yardstick.ts', [String(port), share, String(CONNECTIONS), file]),
  );
  await Promise.all(children.map((child) => ask(child)));
  const results = await Promise.all(children.map((child) => ask<Measured>(child, {})));
  for (const child of children) child.disconnect();
  return {
    seconds: Math.max(...results.map((result) => result.seconds)),
    cpuSeconds: results.reduce((sum, result) => sum + result.cpuSeconds, 0),
  };
}

// The bench is told what to expect by the calls themselves.
// oxlint-disable-next-line typescript/no-explicit-any
async function call(program: Program, method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(program.url + path, {
    method,
    headers: { Authorization: `Bearer ${API_KEY}`, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

function report(name: string, { seconds, cpuSeconds: cpu }: Measured, mails: number): void {
  const rate = Math.round(mails / seconds).toLocaleString('en');
  print(
    `${name.padEnd(16)} ${rate.padStart(8)} messages/s   ${((cpu * 1000) / mails).toFixed(3)} CPU-ms per message`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
