import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Settlement } from './settlement.js';

/**
 * The worker's own evidence of what left. One file per claimed batch: the intent before a final dot, the settlement after the
 * answer, both with one write to the page cache, which a kill -9 does not lose. The file goes when the database has the results.
 * A file whose writer is dead is replayed; one from before a reboot proves replies only, since nothing is fsynced.
 */

interface Owner {
  /** Changes with every boot of the machine. */
  readonly boot: string;
  /** The PID namespace: a process id means something only inside its own. */
  readonly namespace: string;
  readonly pid: number;
  /** When the process began, so that a reused pid is not taken for the writer. */
  readonly began: string;
}

export interface JournalHeader extends Owner {
  readonly token: string;
  readonly bucket: string;
  /** The relay that the claim's mail went to. */
  readonly relay: string;
}

export interface JournalRecord {
  readonly file: string;
  readonly header: JournalHeader;
  /** Handed over, or about to be. */
  readonly intents: ReadonlySet<number>;
  readonly settled: ReadonlyMap<number, Settlement>;
  /** Same boot: what has no intent was provably not handed over. */
  readonly complete: boolean;
  readonly writer: Writer;
  /** When something was added last, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** `unseen`: in another PID namespace (a container that shares the folder), where only the leases say whether it lives. */
type Writer = 'alive' | 'dead' | 'unseen';

export class Journal {
  /** Lines that go with the next write. */
  private pending = '';
  private size = 0;

  private constructor(
    private readonly file: string,
    private readonly descriptor: number,
  ) {}

  /** @throws when the folder cannot be written (disk full, permissions): then nothing may be handed over */
  static open(directory: string, claim: Pick<JournalHeader, 'token' | 'bucket' | 'relay'>): Journal {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, `${claim.token}.journal`);
    const journal = new Journal(file, openSync(file, 'ax', 0o600));
    try {
      journal.write(`${JSON.stringify({ ...self(), ...claim } satisfies JournalHeader)}\n`);
    } catch (error) {
      journal.finish();
      throw error;
    }
    return journal;
  }

  /** @throws when it cannot be written; then the mail must not leave */
  intent(delivery: number): void {
    this.write(`${this.pending}I ${delivery}\n`);
    this.pending = '';
  }

  /**
   * Waits for the next intent or for `flush`, so that a mail costs one write. A connection has settled a mail before it hands over
   * the next, and a run flushes before its connection goes to another run; so what a kill -9 leaves unknown is still one mail a
   * connection at most.
   */
  settled(settlement: Settlement): void {
    this.pending += `S ${JSON.stringify(settlement)}\n`;
  }

  /** @throws when it cannot be written */
  flush(): void {
    const lines = this.pending;
    this.pending = '';
    if (lines !== '') this.write(lines);
  }

  /** The database has everything: the evidence has served. */
  finish(): void {
    closeSync(this.descriptor);
    unlinkSync(this.file);
  }

  /** Keeps the file for a replay by the next process. */
  leave(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  /** A disk that fills up takes a part and says no word: that part goes, so that no line is half there. */
  private write(lines: string): void {
    const octets = Buffer.from(lines);
    const written = writeSync(this.descriptor, octets);
    if (written < octets.length) {
      ftruncateSync(this.descriptor, this.size);
      throw new Error(`The disk is full: ${this.file} took ${written} of ${octets.length} octets`);
    }
    this.size += written;
  }
}

/**
 * The journals whose writers are gone, or may be: those of other PID namespaces to which nothing was added for a while.
 * @param leaseMs how long those are left alone
 */
export function orphanedJournals(directory: string, leaseMs: number): JournalRecord[] {
  return files(directory)
    .map((file) => readJournal(file))
    .filter((record) => record !== undefined)
    .filter(
      ({ writer, writtenAt }) =>
        writer === 'dead' || (writer === 'unseen' && Date.now() - writtenAt > leaseMs),
    );
}

export function removeJournal(record: JournalRecord): void {
  try {
    unlinkSync(record.file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function files(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.journal'))
      .map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readJournal(file: string): JournalRecord | undefined {
  let text: string;
  let writtenAt: number;
  try {
    text = readFileSync(file, 'utf8');
    writtenAt = statSync(file).mtimeMs;
  } catch (error) {
    // Another process has just replayed it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // A line without its end is one that a full disk or a power cut left behind.
  const [head = '', ...lines] = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const header = parsed(head) as JournalHeader | undefined;
  // Nothing was claimed under it yet, or a power cut has taken its beginning: then the leases speak.
  if (!header) return undefined;
  const intents = new Set<number>();
  const settled = new Map<number, Settlement>();
  let complete = header.boot === self().boot;
  for (const line of lines) {
    if (line.startsWith('I ')) intents.add(Number(line.slice(2)));
    if (line.startsWith('S ')) {
      const settlement = parsed(line.slice(2)) as Settlement | undefined;
      if (settlement) settled.set(settlement.id, settlement);
      else complete = false;
    }
  }
  return { file, header, intents, settled, complete, writer: writerOf(header), writtenAt };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function writerOf(header: JournalHeader): Writer {
  const me = self();
  if (header.boot !== me.boot) return 'dead';
  if (header.namespace !== me.namespace) return 'unseen';
  return beganAt(header.pid) === header.began ? 'alive' : 'dead';
}

let own: Owner | undefined;

function self(): Owner {
  own ??= {
    boot: read('/proc/sys/kernel/random/boot_id') ?? 'unknown boot',
    namespace: link('/proc/self/ns/pid') ?? 'unknown namespace',
    pid: process.pid,
    began: beganAt(process.pid) ?? `unknown ${process.pid}`,
  };
  return own;
}

/** Clock ticks since boot at which a process began (proc(5), stat, field 22); undefined when there is none. */
function beganAt(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return process.platform === 'linux' || !alive(pid) ? undefined : `unknown ${pid}`;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
