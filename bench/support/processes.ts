import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOADER = fileURLToPath(new URL('../../test/support/typescript.ts', import.meta.url));
/** Kernel clock ticks a second on Linux, whatever the kernel's own HZ (proc(5), USER_HZ). */
const TICKS = 100;

/** Runs a TypeScript file beside this one as a process with a channel. */
export function forkScript(name: string, args: string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(name, import.meta.url)), args, { execArgv: ['--import', LOADER] });
}

/** Sends a message (or only listens) and waits for the next one. */
export async function ask<T>(child: ChildProcess, message?: object): Promise<T> {
  const answer = once(child, 'message');
  if (message) child.send(message);
  const [value] = (await answer) as [T];
  return value;
}

/** CPU seconds that a process and all below it have used, those that have ended included. */
export function cpuSeconds(root: number): number {
  const children = new Map<number, number[]>();
  const used = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = statOf(Number(name));
    if (!stat) continue;
    used.set(Number(name), stat.ticks / TICKS);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const sum = (pid: number): number =>
    (used.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(root);
}

/** CPU seconds of each process below a root, by what its command line says after the script's name. */
export function cpuByProcess(root: number): Map<string, number> {
  const byName = new Map<string, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const pid = Number(entry);
    const stat = statOf(pid);
    if (!stat || (pid !== root && stat.parent !== root)) continue;
    const words = readText(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
    const script = words.findIndex((word) => /\.m?js$/.test(word));
    const name = words.slice(script + 1).join(' ') || 'start';
    byName.set(name, (byName.get(name) ?? 0) + stat.ticks / TICKS);
  }
  return byName;
}

/** A process below a root whose command line says so. */
export function pidOf(root: number, says: RegExp): number {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const pid = Number(entry);
    if (statOf(pid)?.parent === root && says.test(readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))) {
      return pid;
    }
  }
  throw new Error(`No process below ${root} says ${says}`);
}

/** Memory that a process holds now, and the most that it ever held, in MiB (proc(5), VmRSS and VmHWM). */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readText(`/proc/${pid}/status`);
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), most: field('VmHWM') };
}

/** The server process of a PostgreSQL data folder. */
export function postmasterOf(url: string): number {
  const port = new URL(url).port;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const command = readText(`/proc/${name}/cmdline`);
    if (!/\/postgres\0/.test(command)) continue;
    const folder = /-D\0([^\0]+)/.exec(command)?.[1];
    if (folder && readText(`${folder}/postmaster.pid`).split('\n')[3] === port) return Number(name);
  }
  throw new Error(`No postgres process serves port ${port}`);
}

function statOf(pid: number): { parent: number; ticks: number } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  // utime, stime, and those of children that were waited for: fields 14 to 17 of proc(5).
  const ticks = fields.slice(11, 15).reduce((total, value) => total + value, 0);
  return { parent, ticks };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
