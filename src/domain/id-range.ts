import { isId } from './ids.js';

const END_OF_9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The lowest UUIDv7 of a moment, so that a range of time is a range of ids (RFC 9562 §5.7: 48 bits of milliseconds first). */
export function firstIdAt(time: Date): string {
  const milliseconds = Math.min(Math.max(0, time.getTime()), END_OF_9999);
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** An id whose moment is one that a calendar knows, as `bucketOf` needs it; a stranger's UUID may speak of the year 10889. */
export function isTimedId(value: string): boolean {
  return isId(value) && Number.parseInt(value.replaceAll('-', '').slice(0, 12), 16) <= END_OF_9999;
}
