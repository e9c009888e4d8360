import { answerOf, errorOf } from './answers.js';
import { PostriderError } from './error.js';
import { isPassing, pause, waitBefore } from './retry.js';

export interface PostriderOptions {
  /** `pr_…`. It is a secret: keep it on servers. */
  readonly apiKey: string;
  /** Where Postrider answers, such as `https://mail.shop.example`. */
  readonly baseUrl: string;
  /** For one try; 30,000 unless set. */
  readonly timeoutMs?: number;
  /** Tries after the first; 3 unless set. */
  readonly retries?: number;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** What can be said of each call. */
export interface CallOptions {
  /** Stops the call, its retries too. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Of a POST. Made for each call unless given; give your own, so that the call may also be repeated after a crash of yours. */
  readonly idempotencyKey?: string;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parts of the path, each of them encoded: `['v1', 'orders', '10482/a']`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** In place of a body: a file. */
  readonly csv?: string | Blob;
  /** The answer is a file, not JSON. */
  readonly isCsv?: boolean;
  /** Tried once, because to do it twice is not the same. */
  readonly once?: boolean;
}

interface Failure {
  readonly error: PostriderError;
  /** How long to wait before the next try; null where none makes sense. */
  readonly wait: number | null;
}

/** Makes a call until it is answered: every try has the same body and Idempotency-Key, so that it happens once. */
export class Client {
  private readonly base: string;
  private readonly fetch: typeof fetch;

  /** @throws TypeError for an empty key or an address that is none */
  constructor(private readonly options: PostriderOptions) {
    if (!options.apiKey) throw new TypeError('Postrider: apiKey is missing');
    if (!URL.canParse(options.baseUrl))
      throw new TypeError(`Postrider: baseUrl ${options.baseUrl} is no URL`);
    this.base = options.baseUrl.replace(/\/+$/, '');
    this.fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** @throws PostriderError, or the signal's reason */
  async call<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const url = `${this.base}/${call.path.map(encodeURIComponent).join('/')}${queryOf(call.query)}`;
    const request: RequestInit = {
      method: call.method,
      headers: this.headers(call, options),
      // A POST that follows a redirect becomes a GET.
      redirect: 'manual',
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      ...(call.csv !== undefined && { body: call.csv }),
    };
    for (let tries = 1; ; tries++) {
      const { answer, failure } = await this.try(url, request, options, tries, call.isCsv);
      if (!failure) return answer as T;
      const isLast = call.once === true || tries > (this.options.retries ?? 3);
      if (isLast || failure.wait === null) throw failure.error;
      await pause(failure.wait, options.signal);
    }
  }

  private headers(
    { method, body, csv, isCsv }: Call,
    { idempotencyKey }: CallOptions,
  ): Record<string, string> {
    return {
      // An error is JSON, whatever was asked for.
      Accept: isCsv ? 'text/csv, application/json' : 'application/json',
      Authorization: `Bearer ${this.options.apiKey}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(csv !== undefined && { 'Content-Type': 'text/csv' }),
      ...(method === 'POST' && { 'Idempotency-Key': idempotencyKey ?? crypto.randomUUID() }),
    };
  }

  private async try(
    url: string,
    request: RequestInit,
    { signal, timeoutMs = this.options.timeoutMs ?? 30_000 }: CallOptions,
    tries: number,
    isCsv = false,
  ): Promise<{ answer: unknown; failure?: undefined } | { answer?: undefined; failure: Failure }> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      const response = await this.fetch(url, { ...request, signal: stop });
      const text = await response.text();
      if (response.ok) return { answer: isCsv ? text : answerOf(response, text) };
      const error = errorOf(response, text);
      const wait = isPassing(response.status, error.name)
        ? waitBefore(tries, response.headers.get('Retry-After'))
        : null;
      return { failure: { error, wait } };
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof PostriderError) throw cause;
      const [name, message] = timeout.aborted
        ? ['timeout', `${url} did not answer within ${timeoutMs} ms`]
        : ['connection_failed', `${url} cannot be reached: ${reasonOf(cause)}`];
      const error = new PostriderError({ statusCode: null, name, message, cause });
      return { failure: { error, wait: waitBefore(tries, null) } };
    }
  }
}

/** Node's fetch says only "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function queryOf(query: Readonly<Record<string, unknown>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(
    given.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}
