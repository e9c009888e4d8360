import type { ProviderName } from '../providers/mail-provider.js';

export type RequestState = 'waiting' | 'done' | 'failed' | 'ignored';
export const requestStates = [
  'waiting',
  'done',
  'failed',
  'ignored',
] as const satisfies readonly RequestState[];

/** A genuine webhook that is to be stored. */
export interface NewRequest {
  readonly id: string;
  readonly provider: ProviderName;
  /** Of the body: the same again is one. */
  readonly sha256: Buffer;
  /** What the provider signs once only, hashed. */
  readonly nonce: Buffer | null;
  /** JSON in UTF-8. */
  readonly body: Buffer;
}

/** A row that a worker holds for one try. */
export interface ClaimedRequest {
  readonly id: string;
  readonly provider: string;
  readonly body: Buffer;
  /** This one is counted. */
  readonly tries: number;
  /** Which of its events are still to be taken, by their place; null for all. */
  readonly pending: readonly number[] | null;
}

/** What became of a request. */
export interface Settled {
  readonly state: 'done' | 'ignored';
  /** What came of its events, or why there was nothing. */
  readonly note: string | null;
  /** Whom it names, in lower case, so that an erasure finds it. */
  readonly addresses: readonly string[];
}

export interface StoredBody {
  readonly id: string;
  readonly provider: string;
  readonly receivedAt: Date;
  readonly body: Buffer;
}

/** What an operator sees of one. */
export interface RequestView {
  readonly id: string;
  readonly provider: string;
  readonly receivedAt: Date;
  readonly state: RequestState;
  readonly tries: number;
  readonly octets: number;
  readonly note: string | null;
}

/** What was stored as JSON. @throws SyntaxError for what is none */
export function contentOf(body: Buffer): unknown {
  return JSON.parse(body.toString().replace(/^\uFEFF/, '')) as unknown;
}
