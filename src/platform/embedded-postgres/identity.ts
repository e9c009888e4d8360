import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process by pid and start time: a pid alone is reused, after a restart of a container even at once. */
export function identityOf(pid: number): string {
  return `${pid} ${startTime(pid)}`;
}

/** Whether the process of that identity still runs. */
export function isAlive(identity: string): boolean {
  return identity === identityOf(Number.parseInt(identity, 10));
}

/** When the process began, in whatever unit the system tells; `gone` when there is none. */
function startTime(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      const began = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
      return began.trim().replaceAll(' ', '_');
    }
    // proc_pid_stat(5): the fields after the name, which ends at the last ")"; starttime is the 22nd of all.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[19] ?? 'gone';
  } catch {
    return 'gone';
  }
}
