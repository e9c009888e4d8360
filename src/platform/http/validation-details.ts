import type { ErrorDetail } from './api-error.js';

/** What zod says of one mistake, as Standard Schema hands it on. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  readonly code?: string;
  /** The unknown keys, where these are the mistake. */
  readonly keys?: readonly string[];
}

/** One detail per field. zod puts unknown keys on the object around them and calls a missing value "undefined". */
export function detailsOf(issues: readonly Issue[]): ErrorDetail[] {
  return issues.flatMap(({ message, path, code, keys }): ErrorDetail[] => {
    const parts = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
    if (code === 'unrecognized_keys' && keys) {
      return keys.map((key) => ({
        field: [...parts, key].join('.'),
        message: 'is not a field of this call',
      }));
    }
    const isMissing = code === 'invalid_type' && parts.length > 0 && message.endsWith('received undefined');
    return [{ field: parts.join('.'), message: isMissing ? 'is missing' : message }];
  });
}
