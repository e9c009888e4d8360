import type { Program } from './program.js';
import { memoryOf } from './processes.js';

const EVERY_MS = 2_000;

/** Of one process at one moment, in MiB: what the kernel counts, and its heap as it published it a few seconds ago at most. */
interface Held {
  readonly resident: number;
  readonly heap: number;
}

export interface Memory {
  /** How far the work was. */
  readonly at: number;
  readonly held: Readonly<Record<string, Held>>;
}

/**
 * Looks every two seconds how much memory processes hold.
 * @param processes pid by name, as it begins in the metrics
 * @param progress how far the work is
 * @returns what ends it and gives all that was seen
 */
export function watchMemory(
  program: Program,
  processes: Readonly<Record<string, number>>,
  progress: () => number,
): () => Promise<readonly Memory[]> {
  const seen: Memory[] = [];
  const look = async (): Promise<void> => {
    const held: Record<string, Held> = {};
    for (const [name, pid] of Object.entries(processes)) {
      const { rows } = await program.pool.query<{ text: string | null }>(
        `SELECT metrics->>'text' AS text FROM process_metrics WHERE process LIKE $1 || '%' OR process LIKE '%' || $2`,
        [name, ` ${pid}`],
      );
      const octets = Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(rows[0]?.text ?? '')?.[1]);
      held[name] = { resident: memoryOf(pid).now, heap: octets / 1024 / 1024 };
    }
    seen.push({ at: progress(), held });
  };
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
    await look();
    return seen;
  };
}

/** In words: `api 310 MiB (heap 62)`; without the heap where the process has not published it yet. */
export function describeMemory({ held }: Memory): string {
  return Object.entries(held)
    .map(([name, { resident, heap }]) => {
      const used = Number.isNaN(heap) ? '' : ` (heap ${Math.round(heap)})`;
      return `${name} ${Math.round(resident)} MiB${used}`;
    })
    .join(', ');
}
