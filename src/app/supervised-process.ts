import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A process that lived this long has started well: its next crash is a new story. */
const HEALTHY_MS = 60_000;
/** A child that has not ended by then after SIGTERM is killed; its journal accounts for what it had in hand. */
const KILL_AFTER_MS = 11_000;

/**
 * What a worker holds of a mail lives some hundred milliseconds: longer than the 16 MB for young objects last in a blast, so they
 * would be kept for old ones and cost a third more CPU. The launcher says the same for a worker that is started by itself.
 */
const WORKER_FLAGS = ['--max-semi-space-size=64'];

export interface Ready {
  readonly url?: string;
}

/** The process has said itself, on stderr, why. */
class EarlyEnd extends Error {
  override readonly name = 'EarlyEnd';
}

/** One process of `start`: started again when it ends by itself, after a pause that grows. */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private stopping = false;
  private pause = FIRST_PAUSE_MS;

  /**
   * @param args the command line after `postrider`, such as `['worker', 'orders']`
   * @param log takes what the operator should know, in one line
   */
  constructor(
    private readonly args: readonly string[],
    private readonly environment: NodeJS.ProcessEnv,
    private readonly log: (line: string) => void,
  ) {}

  /** Settles when the process says that it is ready. @throws EarlyEnd when it ends before that for the first time */
  async start(): Promise<Ready> {
    const execArgv = [...process.execArgv, ...(this.args[0] === 'worker' ? WORKER_FLAGS : [])];
    const child = fork(MAIN, [...this.args], { env: this.environment, execArgv });
    this.child = child;
    const startedAt = Date.now();
    const ready = new Promise<Ready>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Ready));
      child.once('exit', (code) =>
        reject(new EarlyEnd(`${this.args.join(' ')} ended with code ${code} before it was ready`)),
      );
    });
    void ready.then(
      () => child.once('exit', (code, signal) => this.ended(code ?? signal, Date.now() - startedAt)),
      () => undefined,
    );
    return ready;
  }

  /** From now on its end is no surprise: a service manager may tell all processes to stop at the same time. */
  expectEnd(): void {
    this.stopping = true;
  }

  /** SIGTERM, and SIGKILL when that takes too long. */
  async stop(): Promise<void> {
    this.expectEnd();
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    await gone;
    clearTimeout(killer);
  }

  private ended(how: number | string | null, livedMs: number): void {
    if (this.stopping) return;
    if (livedMs > HEALTHY_MS) this.pause = FIRST_PAUSE_MS;
    this.log(`${this.args.join(' ')} ended (${how}); starting it again in ${this.pause / 1000} s`);
    setTimeout(() => void this.again(), this.pause);
    this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
  }

  private async again(): Promise<void> {
    if (this.stopping) return;
    const startedAt = Date.now();
    await this.start().catch(() => this.ended('before it was ready', Date.now() - startedAt));
  }
}
