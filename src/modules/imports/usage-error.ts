/** The command line was wrong; its message says how it should be. The command line knows it by its name. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
