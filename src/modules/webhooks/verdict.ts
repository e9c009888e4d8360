import type { Answer } from './http/post.js';
import { busyRest, waitAfter } from './retry-times.js';

/** What an answer means for the message and for its endpoint. Times in milliseconds from now. */
export interface Verdict {
  readonly state: 'delivered' | 'waiting' | 'failed';
  /** Tries that count, this one too. */
  readonly tries: number;
  readonly wait: number;
  /** How long the endpoint asks to be left alone. */
  readonly rest: number;
  /** It said that it is gone for good. */
  readonly gone: boolean;
  readonly error: string | null;
}

/**
 * 2xx is the only success; a redirect is none, because what it names was not checked and is not what the owner set. 429, and 503
 * with a time, are not held against the message: the endpoint is there and says when.
 * @param before tries that counted until now
 */
export function verdictOn({ statusCode, retryAfter, error }: Answer, before: number): Verdict {
  const tries = before + 1;
  const verdict = { tries, wait: 0, rest: 0, gone: false, error };
  if (statusCode !== null && statusCode >= 200 && statusCode < 300) return { ...verdict, state: 'delivered' };
  if (statusCode === 410)
    return { ...verdict, state: 'failed', gone: true, error: 'the endpoint is gone (410)' };
  if (statusCode === 429 || (statusCode === 503 && retryAfter !== undefined)) {
    const rest = busyRest(retryAfter);
    return { ...verdict, state: 'waiting', tries: before, wait: rest, rest, error: `busy (${statusCode})` };
  }
  const wait = waitAfter(tries);
  const why = error ?? wordsFor(statusCode ?? 0);
  return wait === undefined
    ? { ...verdict, state: 'failed', error: why }
    : { ...verdict, state: 'waiting', wait, error: why };
}

function wordsFor(statusCode: number): string {
  return statusCode >= 300 && statusCode < 400
    ? `answered ${statusCode}; redirects are not followed`
    : `answered ${statusCode}`;
}
