import { STATUS_CODES } from 'node:http';

export interface ErrorDetail {
  /** The field of the request, as a path: `lists.0`. */
  field?: string;
  message: string;
}

/** An answer that the caller can act on. Everything else that is thrown becomes a 500 without its inside. */
export class ApiError extends Error {
  constructor(
    readonly statusCode: number,
    override readonly name: string,
    message: string,
    readonly details: ErrorDetail[] = [],
    /** Seconds after which another try makes sense; sent as Retry-After. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  toJSON(): { statusCode: number; name: string; message: string; details: ErrorDetail[] } {
    return { statusCode: this.statusCode, name: this.name, message: this.message, details: this.details };
  }
}

/** 422: the request can be read, but this field is wrong. Nothing has been done. */
export function invalid(field: string, message: string): ApiError {
  return new ApiError(422, 'validation_failed', `${field}: ${message}`, [{ field, message }]);
}

/** 422 for several fields at once. */
export function invalidFields(details: ErrorDetail[]): ApiError {
  const message = details.map(({ field, message: text }) => (field ? `${field}: ${text}` : text)).join('; ');
  return new ApiError(422, 'validation_failed', message, details);
}

export function notFound(thing: string, id: string): ApiError {
  return new ApiError(404, 'not_found', `There is no ${thing} ${id}`);
}

/** 409: right in itself, but not in the state that the thing is in. */
export function conflict(name: string, message: string): ApiError {
  return new ApiError(409, name, message);
}

/** `Payload Too Large` → `payload_too_large`, for statuses that the framework raises. */
export function nameOfStatus(statusCode: number): string {
  return (STATUS_CODES[statusCode] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_');
}

export function tooMany(seconds: number): ApiError {
  return new ApiError(429, 'too_many_requests', `Too many requests; try again in ${seconds} s`, [], seconds);
}
