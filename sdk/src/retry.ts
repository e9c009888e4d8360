const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Who asks for more patience than this gets the error: the caller knows better what to do with a minute. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Not now: 429, a request with the same key that is still running, and what a server says in trouble. 501 stays what it is. */
export function isPassing(status: number, name: string): boolean {
  return status === 429 || name === 'idempotency_in_flight' || (status >= 500 && status !== 501);
}

/**
 * How long to wait before the next try, or null where `Retry-After` (seconds, or a date) asks for more than a minute.
 * @param tries how many were made; the wait doubles with each, less up to a half, so that many callers do not come back at once
 */
export function waitBefore(tries: number, retryAfter: string | null): number | null {
  if (retryAfter !== null) {
    const seconds = Number(retryAfter);
    const wait = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1_000;
    if (!Number.isNaN(wait)) return wait > LONGEST_RETRY_AFTER_MS ? null : Math.max(0, wait);
  }
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (1 - Math.random() / 2);
}

/** @throws the signal's reason as soon as it is aborted */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
