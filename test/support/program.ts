import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './ports.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
export const API_KEY = 'pr_test_0123456789abcdef';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Bodies of many calls: each test says what it expects in them.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** The real program, started as an operator would, with its own data folder and embedded PostgreSQL. */
export class Program {
  output = '';
  private child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    readonly dataDir: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<Program> {
    const dataDir = environment['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'postrider-program-')));
    const port = environment['PORT'] ?? String(await freePort());
    const { PATH, HOME } = process.env;
    const program = new Program(`http://127.0.0.1:${port}`, dataDir, {
      PATH,
      HOME,
      BOOTSTRAP_API_KEY: API_KEY,
      LOG_LEVEL: 'warn',
      ...environment,
      DATA_DIR: dataDir,
      PORT: port,
    });
    await program.run();
    return program;
  }

  /** Starts it again on the same data. */
  async run(): Promise<void> {
    this.child = spawn(process.execPath, [MAIN, 'start'], {
      env: this.environment,
      cwd: this.dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (text) => (this.output += String(text)));
    const { child } = this;
    await new Promise<void>((ready, fail) => {
      const look = setInterval(() => {
        if (!this.output.includes('Postrider is ready.')) return;
        clearInterval(look);
        ready();
      }, 20);
      child.once('exit', (code) => {
        clearInterval(look);
        fail(new Error(`start ended with ${code}:\n${this.output}`));
      });
    });
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The embedded database, for what a test needs to prepare or to look at behind the API's back. */
  get databaseUrl(): string {
    const { port, password } = JSON.parse(read(join(this.dataDir, 'postgres.json')));
    return `postgres://postrider:${password}@127.0.0.1:${port}/postrider`;
  }

  /** The process ids of its workers for a queue. */
  workers(queue: string): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        const command = read(`/proc/${pid}/cmdline`).split('\0');
        const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
        return Number(parent) === this.pid && command.includes('worker') && command.includes(queue);
      })
      .map(Number);
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${API_KEY}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  /** SIGTERM, and the exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    this.output = '';
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    return child.exitCode;
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.output = '';
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
