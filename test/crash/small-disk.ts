import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZE = '2m';
const BALLAST = 'ballast';

/**
 * A file system of two megabytes that a test can fill. It is mounted in a mount namespace of a process of its own, which an ordinary
 * user may have too, and reached from outside through `/proc/<pid>/root`. When that process ends, with the test or before, it is gone.
 */
export class SmallDisk {
  private constructor(
    private readonly holder: ChildProcess,
    private readonly mountPoint: string,
  ) {}

  /** @returns the disk, or in words why there can be none on this machine */
  static async mount(): Promise<SmallDisk | string> {
    if (process.platform !== 'linux') return 'mount namespaces are of Linux';
    const mountPoint = await mkdtemp(join(tmpdir(), 'postrider-disk-'));
    const unprivileged = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    // It ends with its standard input, and so with the test, however that ends.
    const script = `mount -t tmpfs -o size=${SIZE},mode=0700 tmpfs "$0" && echo mounted && exec cat`;
    const holder = spawn('unshare', [...unprivileged, '--mount', 'sh', '-c', script, mountPoint], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    holder.stderr.on('data', (chunk) => (said += String(chunk)));
    const mounted = await Promise.race([
      once(holder.stdout, 'data').then(() => true),
      once(holder, 'exit').then(() => false),
      once(holder, 'error').then(([error]: Error[]) => {
        said ||= String(error?.message);
        return false;
      }),
    ]).catch(() => false);
    if (mounted) return new SmallDisk(holder, mountPoint);
    await rm(mountPoint, { recursive: true });
    return `no file system can be mounted: ${said.trim()}`;
  }

  /** Makes a folder of the program lie on this disk. The folder must not be there yet. */
  putAt(path: string): void {
    symlinkSync(this.path, path);
  }

  /** Leaves no octet free, until it is freed or the program makes room. What is open may have room to the end of its last page. */
  fill(): void {
    const file = openSync(join(this.path, BALLAST), 'a');
    for (const octets of [64 * 1024, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(octets));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(file);
  }

  free(): void {
    unlinkSync(join(this.path, BALLAST));
  }

  async unmount(): Promise<void> {
    const gone = once(this.holder, 'exit');
    this.holder.stdin?.end();
    await gone;
    await rm(this.mountPoint, { recursive: true });
  }

  /** As any process of this machine reaches it. */
  get path(): string {
    return join(`/proc/${this.holder.pid}/root`, this.mountPoint);
  }
}
