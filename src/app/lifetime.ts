/** From SIGTERM to the end: what a process has in hand gets this long, then its journal speaks for it. */
const DRAIN_MS = 10_000;

/**
 * Runs until someone asks the process to end: SIGTERM, SIGINT, or the end of the parent that it was started by (a parent
 * that is killed cannot say so, but its channel closes). Then closes, within the drain time.
 */
export async function untilAskedToStop(close: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    // Ctrl-C reaches every process of the terminal; a child waits for its parent, who knows the order.
    const fromTerminal = process.connected ? () => undefined : () => resolve();
    process.on('SIGINT', fromTerminal);
    process.on('SIGHUP', fromTerminal);
    if (process.connected) process.once('disconnect', () => resolve());
  });
  const deadline = setTimeout(() => {
    process.stderr.write(`Not everything ended within ${DRAIN_MS / 1000} s; the journal accounts for it at the next start.\n`);
    process.exit(0);
  }, DRAIN_MS);
  await close();
  clearTimeout(deadline);
}
