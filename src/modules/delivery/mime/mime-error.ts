/** A mail that cannot be written as it is. The message names the field or the part. */
export class MimeError extends Error {
  override readonly name = 'MimeError';

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
  }
}
