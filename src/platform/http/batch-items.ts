import { HttpStatus } from '@nestjs/common';
import { z } from 'zod';
import { IN_FLIGHT } from './once.js';
import { toApiError } from './to-api-error.js';

/** Why one of many things in a request was refused: the error that a call of its own would have got. */
export const itemError = z.object({
  statusCode: z.int(),
  name: z.string(),
  message: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })),
});

export interface RefusedItem {
  readonly statusCode: number;
  readonly error: z.infer<typeof itemError>;
}

/**
 * The answer for an item that the caller got wrong.
 * @throws everything else, which ends the call: a database that is away, and the same call still running, which is to be waited for
 */
export function refusedItem(thrown: unknown): RefusedItem {
  const known = toApiError(thrown);
  const isCallers = known && known.statusCode < HttpStatus.INTERNAL_SERVER_ERROR.valueOf();
  if (!isCallers || known.name === IN_FLIGHT) throw thrown;
  const { statusCode, name, message, details } = known.toJSON();
  const fields = details.map(({ field = '', message: text }) => ({ field, message: text }));
  return { statusCode, error: { statusCode, name, message, details: fields } };
}
