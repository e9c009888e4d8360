export interface ErrorDetail {
  /** The field of the request, as a path: `order.items.0.quantity`. */
  readonly field?: string;
  readonly message: string;
}

export interface ErrorFacts {
  readonly statusCode: number | null;
  readonly name: string;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
  readonly requestId?: string | null;
  readonly cause?: unknown;
}

/** Everything that goes wrong, except what the caller's own AbortSignal stops (that throws the signal's reason). */
export class PostriderError extends Error {
  /** What Postrider calls it (`validation_failed`, `not_found` …), or `timeout`, `connection_failed`, `bad_answer`, `invalid_webhook`. */
  override readonly name: string;
  /** The HTTP status; null where no answer came or none was asked for. */
  readonly statusCode: number | null;
  /** The fields of a 422. */
  readonly details: readonly ErrorDetail[];
  /** Finds the request in Postrider's log. */
  readonly requestId: string | null;

  constructor({ statusCode, name, message, details = [], requestId = null, cause }: ErrorFacts) {
    super(message, { cause });
    this.name = name;
    this.statusCode = statusCode;
    this.details = details;
    this.requestId = requestId;
  }
}
