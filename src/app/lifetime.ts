/** From SIGTERM to the end: what a process has in hand gets this long, then its journal speaks for it. */
const DRAIN_MS = 10_000;

/**
 * Settles when someone asks the process to end: SIGTERM, SIGINT, or the end of the parent that it was started by (a parent that
 * is killed cannot say so, but its channel closes). Call it before anything is started, so that no request is missed.
 */
export async function stopRequest(): Promise<void> {
  const { POSTRIDER_LAUNCHED, POSTRIDER_SUPERVISED } = process.env;
  const hasParent = POSTRIDER_LAUNCHED !== undefined || POSTRIDER_SUPERVISED !== undefined;
  await new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.once('disconnect', () => resolve());
    // Ctrl-C reaches every process of the terminal; a worker waits for its parent, who knows the order.
    const fromTerminal = POSTRIDER_SUPERVISED === undefined ? () => resolve() : () => undefined;
    process.on('SIGINT', fromTerminal);
    process.on('SIGHUP', fromTerminal);
    if (hasParent && !process.connected) resolve();
  });
}

/** Closes within the drain time, or leaves the rest to the journal. */
export async function drain(close: () => Promise<void>, limitMs = DRAIN_MS): Promise<void> {
  const deadline = setTimeout(() => {
    process.stderr.write(
      `Not everything ended within ${limitMs / 1000} s; the journal accounts for it at the next start.\n`,
    );
    process.exit(0);
  }, limitMs);
  await close();
  clearTimeout(deadline);
}
