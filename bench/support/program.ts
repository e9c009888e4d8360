import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPool } from '../../src/platform/database/index.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { freePort } from '../../test/support/ports.js';
import { startRedis } from '../../test/support/redis.js';
import { describeMachine } from './machine.js';
import { print } from './print.js';
import { ask, cpuByProcess, cpuSeconds, forkScript, pidOf, postmasterOf } from './processes.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const API_KEY = 'pr_bench_0123456789abcdef';
export const CONNECTIONS = 5;

export interface ProgramOptions {
  /** News workers. */
  readonly processes?: number;
  /** DKIM of every mail: RSA-2048, as most receivers know it. */
  readonly signed?: boolean;
  /** BullMQ on Redis instead of PostgreSQL. */
  readonly redis?: boolean;
  /** More of the environment, such as BOUNCE_DOMAIN. */
  readonly environment?: Readonly<Record<string, string>>;
}

type Pool = ReturnType<typeof createPool>;

/** The whole program as an operator starts it, on an embedded PostgreSQL, with a sink for its mail. */
export class Program {
  private constructor(
    readonly folder: string,
    readonly pool: Pool,
    readonly sinkPort: number,
    private readonly sink: ReturnType<typeof forkScript>,
    private readonly url: string,
    readonly root: number,
    private readonly postmaster: number,
  ) {}

  /** Starts everything, prints the machine, and stops everything after `measure`. */
  static async with(options: ProgramOptions, measure: (program: Program) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
    const sink = forkScript('./sink.ts');
    const { port: sinkPort } = await ask<{ port: number }>(sink);
    const postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
    const redis = options.redis ? await startRedis() : undefined;
    const pool = createPool({ url: postgres.url, max: 2, name: 'bench', onError: () => undefined });
    try {
      for (const line of await describeMachine(pool)) print(line);
      const port = await freePort();
      const env = {
        ...process.env,
        PORT: String(port),
        DATA_DIR: folder,
        DATABASE_URL: postgres.url,
        ...(redis && { REDIS_URL: redis.url }),
        SMTP_URL: `smtp://127.0.0.1:${sinkPort}?tls=off`,
        SMTP_CONNECTIONS: String(CONNECTIONS),
        MAIL_FROM: 'Bench <news@bench.example>',
        BOOTSTRAP_API_KEY: API_KEY,
        WORKER_PROCESSES: String(options.processes ?? 1),
        LOG_LEVEL: 'warn',
        ...options.environment,
      };
      const child = spawn(process.execPath, [MAIN, 'start'], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env,
      });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await Promise.race([
        new Promise((resolve) => child.once('message', resolve)),
        gone.then((code) => Promise.reject(new Error(`start ended with ${String(code)}`))),
      ]);
      const url = `http://127.0.0.1:${port}`;
      const postmaster = postmasterOf(postgres.url);
      try {
        if (options.signed) await useRsaOnly(env);
        await measure(new Program(folder, pool, sinkPort, sink, url, child.pid ?? 0, postmaster));
      } finally {
        child.kill('SIGTERM');
        await gone;
      }
    } finally {
      await pool.end();
      sink.disconnect();
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  // A bench is told what to expect by the calls themselves.
  // oxlint-disable-next-line typescript/no-explicit-any
  async call(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${API_KEY}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Posts a file as it is made. @returns the answer's JSON */
  async upload(path: string, chunks: AsyncIterable<Buffer>): Promise<{ id: string }> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'text/csv' },
      body: ReadableStream.from(chunks),
      duplex: 'half',
    });
    const answer = (await response.json()) as { id: string };
    if (!response.ok) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** What the sink has seen. */
  async seen(): Promise<Seen> {
    return ask<Seen>(this.sink, {});
  }

  /** CPU seconds of all of Postrider and PostgreSQL since they were started. */
  cpu(): number {
    return cpuSeconds(this.root) + cpuSeconds(this.postmaster);
  }

  /** CPU seconds by process. */
  cpuParts(): Map<string, number> {
    return cpuByProcess(this.root).set('postgres', cpuSeconds(this.postmaster));
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The process that answers HTTP. */
  api(): number {
    return pidOf(this.root, /\bapi\b/);
  }

  /** The process that sends news. */
  newsWorker(): number {
    return pidOf(this.root, /\bnews\b/);
  }
}

export interface Seen {
  readonly count: number;
  readonly octets: number;
  /** When the first mail came, and when each mail to `order-…` came: milliseconds since 1970, with fractions. */
  readonly firstAt: number | null;
  readonly orders: Record<string, number>;
}

/** `dkim create` makes two keys; the second, Ed25519, is retired, so that RSA is what is measured. */
async function useRsaOnly(env: NodeJS.ProcessEnv): Promise<void> {
  const dkim = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'dkim', ...args], { env });
    if (status !== 0) throw new Error(`dkim ${args.join(' ')}: ${stderr.toString()}`);
    return stdout.toString();
  };
  const made = dkim('create', 'bench.example');
  const selector = /(\S+)\._domainkey\S*[^\n]*\n?[^\n]*k=ed25519/.exec(made)?.[1];
  if (selector === undefined) throw new Error(`There is no Ed25519 key in:\n${made}`);
  dkim('retire', selector);
  // Workers look for new keys every ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
}
