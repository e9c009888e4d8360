/** The command line was wrong; its message says how it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
