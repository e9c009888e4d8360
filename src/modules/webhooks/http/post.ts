import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { assertReachable, hostOf, type Reachable } from './target.js';
import type { Names } from './names.js';

/** What came back: an answer with its status, or an error without one. */
export interface Answer {
  readonly statusCode: number | null;
  readonly retryAfter: string | undefined;
  /** The beginning of the body, for the owner to look at. */
  readonly body: string | null;
  readonly error: string | null;
  readonly durationMs: number;
}

export interface PostOptions {
  readonly names: Names;
  readonly reachable: Reachable;
  /** For the whole request, DNS and body too. */
  readonly timeoutMs: number;
  /** Certificate authorities besides those of Node. */
  readonly ca?: string | undefined;
}

/** Enough to read what went wrong; the rest of an answer is never read. */
const BODY_LIMIT = 1_024;
/** The status decides, so a body that drips is not waited for. */
const BODY_PATIENCE_MS = 2_000;

/** Connections that are kept between the requests of one turn. */
export class Connections {
  private readonly http: http.Agent;
  private readonly https: https.Agent;

  /** @param most at the same time */
  constructor(most: number) {
    this.http = new http.Agent({ keepAlive: true, maxSockets: most });
    this.https = new https.Agent({ keepAlive: true, maxSockets: most });
  }

  agent(url: URL): http.Agent {
    return url.protocol === 'https:' ? this.https : this.http;
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/**
 * One POST. The name is resolved here, every address checked, and the connection made to exactly these addresses, so that DNS
 * cannot say one thing to the check and another to the connection. Redirects are answers like any other: nothing follows them.
 * Never throws; whatever goes wrong is in `error`.
 * @param cancel ends it early
 */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  connections: Connections,
  { names, reachable, timeoutMs, ca }: PostOptions,
  cancel: AbortSignal,
): Promise<Answer> {
  const started = performance.now();
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), cancel]);
  const answer = (rest: Partial<Answer>): Answer => ({
    statusCode: null,
    retryAfter: undefined,
    body: null,
    error: null,
    ...rest,
    durationMs: Math.round(performance.now() - started),
  });
  try {
    const addresses = await names.addresses(hostOf(url), signal);
    assertReachable(url, addresses, reachable);
    const client = url.protocol === 'https:' ? https : http;
    const request = client.request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: connections.agent(url),
      lookup: lookupIn(addresses),
      signal,
      ...(ca !== undefined && { ca }),
    });
    const response = await responseTo(request, body);
    const text = await beginning(response, signal);
    return answer({
      statusCode: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      body: text,
    });
  } catch (error) {
    return answer({ error: signal.aborted ? timedOut(timeoutMs, cancel) : wordsOf(error) });
  }
}

function responseTo(request: http.ClientRequest, body: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays on: a connection that breaks while the body is read tells the request too.
    request.on('error', reject);
    request.end(body);
  });
}

/** Node asks this in place of DNS. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0]!.address, all[0]!.family);
  };
}

/** The first bytes of a body. A body that breaks off, or is more than we want, ends the connection and changes nothing else. */
async function beginning(response: http.IncomingMessage, signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  const stop = setTimeout(() => response.destroy(), BODY_PATIENCE_MS);
  try {
    for await (const part of response) {
      parts.push(part as Buffer);
      length += (part as Buffer).length;
      if (length >= BODY_LIMIT || signal.aborted) break;
    }
  } catch {
    // The status line was the answer.
  } finally {
    clearTimeout(stop);
    response.destroy();
  }
  return new TextDecoder().decode(Buffer.concat(parts).subarray(0, BODY_LIMIT));
}

function timedOut(timeoutMs: number, cancel: AbortSignal): string {
  return cancel.aborted ? 'cut off: this worker was stopping' : `no answer within ${timeoutMs / 1000} s`;
}

/** Several addresses that all failed come as one error without words of its own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  const { message, code } = error as NodeJS.ErrnoException;
  return (message || code || 'the connection failed').slice(0, 500);
}
