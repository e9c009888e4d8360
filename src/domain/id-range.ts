/** The lowest UUIDv7 of a moment, so that a range of time is a range of ids (RFC 9562 §5.7: 48 bits of milliseconds first). */
export function firstIdAt(time: Date): string {
  const milliseconds = Math.min(Math.max(0, time.getTime()), 2 ** 48 - 1);
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
