import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Generated {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * What the machine can do at all: Postfix's load generator in C, which sends octets without making, checking or recording
 * anything, over as many kept connections (`-d`). Undefined where it is not installed.
 */
export function cGenerator(
  port: number,
  { mails, octets, connections }: { mails: number; octets: number; connections: number },
): Generated | undefined {
  const args = ['-d', '-s', String(connections), '-m', String(mails), '-l', String(octets)];
  const before = childrenCpu();
  const started = performance.now();
  const { status, error } = spawnSync(
    'smtp-source',
    [...args, '-f', 'a@bench.example', '-t', 'b@example.com', `127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`smtp-source ended with ${String(status)}`);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: childrenCpu() - before };
}

/** CPU seconds of children that have ended (proc(5), cutime and cstime). */
function childrenCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
