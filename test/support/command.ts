import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const PATIENCE_MS = 60_000;

export interface Ended {
  /** The exit code; null when it had to be killed. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs `postrider …` to its end, as an operator would. */
export async function postrider(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const { child, output } = launch(args, environment);
  const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(killer);
  return { code, output: output() };
}

/** One long-running process of an install, such as `postrider api`, without the supervisor of `start`. */
export class Service {
  private constructor(
    private readonly child: ChildProcess,
    readonly output: () => string,
    /** Where it listens; empty for a worker. */
    readonly url: string,
  ) {}

  /** Resolves when it says that it is ready. */
  static async start(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Service> {
    const { child, output } = launch(args, environment);
    const ready = once(child, 'message') as Promise<[{ url?: string }]>;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${args.join(' ')} ended with ${String(code)}:\n${output()}`);
    });
    const [{ url }] = await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return new Service(child, output, url ?? '');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** SIGTERM, and the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
    return this.child.exitCode;
  }
}

function launch(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const { PATH, HOME } = process.env;
  const child = fork(MAIN, [...args], {
    // A folder without an .env file.
    cwd: tmpdir(),
    env: { PATH, HOME, LOG_LEVEL: 'warn', ...environment },
    execArgv: [],
    silent: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
  return { child, output: () => text };
}
