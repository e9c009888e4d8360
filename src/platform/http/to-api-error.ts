import { HttpException } from '@nestjs/common';
import { ApiError, nameOfStatus } from './api-error.js';
import { bodyTooLarge, LARGEST_BODY } from './body-limits.js';

/** PostgreSQL and socket errors that say "not now", not "wrong": class 08, 53, 57 (SQLSTATE), and a connection that fails. */
const databaseDown = /^(08|53|57)...$|^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND)$/;
const poolMessages =
  /timeout exceeded when trying to connect|Connection terminated|terminating connection|not queryable/i;

/** What PostgreSQL says of a NUL. Bodies are checked before; this comes from a URL, where no id, name or slug has one. */
const NO_SUCH_CHARACTER = '22021';

/** A body that says multipart and is not: busboy throws these without a code. */
const brokenMultipart = /multipart data$|^Multipart: |^The needle cannot|^Malformed part header/i;

interface Coded {
  code?: string;
  statusCode?: number;
  message?: string;
}

/** Whatever was thrown, as the one error shape; undefined for a defect of ours (500), which is logged and not shown. */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof HttpException) {
    // Nest wraps what Fastify throws.
    const inner = error.cause === undefined ? undefined : toApiError(error.cause);
    return inner ?? new ApiError(error.getStatus(), nameOfStatus(error.getStatus()), error.message);
  }
  const { code, statusCode, message } = error as Coded;
  if (databaseDown.test(code ?? '') || poolMessages.test(message ?? '')) {
    return new ApiError(
      503,
      'database_unavailable',
      'The database does not answer. Try again: what has an id or an Idempotency-Key of its own is not done twice.',
      [],
      5,
    );
  }
  if (code === NO_SUCH_CHARACTER)
    return new ApiError(422, 'validation_failed', 'A text in this request holds a NUL character');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413) return bodyTooLarge(LARGEST_BODY);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ApiError(415, 'unsupported_media_type', 'Send the body as application/json');
  }
  if (brokenMultipart.test(message ?? '')) {
    return new ApiError(400, 'bad_multipart', `The multipart body cannot be read: ${message}`);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, nameOfStatus(statusCode), message ?? 'Bad request');
  }
  return undefined;
}
