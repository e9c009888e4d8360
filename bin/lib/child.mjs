import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from './failure.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program on our own stdin, stdout and stderr.
 *
 * `supervised` is for the service. It runs in a process group of its own: Ctrl-C in a terminal reaches a whole
 * group, and npm forwards it as well, so the service would see two or three where the operator pressed once. And it
 * gets an IPC channel, whose `disconnect` tells it that this launcher was killed with -9.
 *
 * @returns {Promise<number>} its exit code, or 128+n when signal n ended it
 */
export async function runVisible(command, args, { cwd, env, supervised = false }) {
  const stdio = supervised ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
  const child = spawn(command, args, { cwd, env, stdio, detached: supervised });
  const { exitCode } = await ended(child, command);
  return exitCode;
}

/**
 * Runs a step whose output matters only when it fails.
 *
 * @param {{ include(pid: number): void }} [options.lock] is held until the child has ended, even when we are killed
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export async function runQuiet(command, args, { cwd, env, lock }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) lock?.include(child.pid);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const { exitCode, interruptedBy } = await ended(child, command);
  if (interruptedBy) throw new Failure(`stopped by ${interruptedBy}`, exitCodeOf(interruptedBy));
  return { exitCode, output: Buffer.concat(chunks).toString() };
}

/** The two ends of a program's output (npm puts its reason first), without credentials that a registry URL may carry. */
export function excerpt(output) {
  const lines = output
    .replace(/\/\/[^/\s@]+@/g, '//***@')
    .trimEnd()
    .split('\n');
  return (lines.length <= 30 ? lines : [...lines.slice(0, 10), '…', ...lines.slice(-20)]).join('\n');
}

/** Waits for the end of a child and meanwhile hands each kind of signal on to it, once. */
function ended(child, command) {
  return new Promise((resolve, reject) => {
    let interruptedBy;
    const handlers = FORWARDED.map((signal) => {
      const forward = () => {
        interruptedBy ??= signal;
        child.kill(signal);
      };
      process.once(signal, forward);
      // Without a listener the second signal of a kind would end the launcher and leave the child behind.
      process.on(signal, ignore);
      return [signal, forward];
    });
    const watch = watchNpm();
    const settle = (finish, value) => {
      clearInterval(watch);
      for (const [signal, forward] of handlers) process.off(signal, forward).off(signal, ignore);
      finish(value);
    };
    child.once('error', (error) => settle(reject, new Failure(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      settle(resolve, { exitCode: signal ? exitCodeOf(signal) : code, interruptedBy });
    });
  });
}

/** Under `npm start` the operator knows npm's pid only: when npm is killed with -9, nobody would ever stop us. */
function watchNpm() {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const npm = process.ppid;
  return setInterval(() => {
    if (process.ppid !== npm) process.emit('SIGTERM', 'SIGTERM');
  }, 500);
}

function ignore() {}

function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}
