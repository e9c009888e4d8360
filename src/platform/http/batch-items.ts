import { HttpStatus } from '@nestjs/common';
import { z } from 'zod';
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

/** The answer for an item that the caller got wrong. @throws everything else, such as a database that is away: that ends the call */
export function refusedItem(thrown: unknown): RefusedItem {
  const known = toApiError(thrown);
  if (!known || known.statusCode >= HttpStatus.INTERNAL_SERVER_ERROR.valueOf()) throw thrown;
  const { statusCode, name, message, details } = known.toJSON();
  const fields = details.map(({ field = '', message: text }) => ({ field, message: text }));
  return { statusCode, error: { statusCode, name, message, details: fields } };
}
