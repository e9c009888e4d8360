import { v7 } from 'uuid';

/** UUIDv7 (RFC 9562 §5.7): made by the application, in the order of time. */
export function newId(): string {
  return v7();
}

/** Many at once: the random part of each is 16 octets of `random`, which one call to the generator fills for 5 µs less an id. */
export function idsFrom(random: Uint8Array): string[] {
  const msecs = Date.now();
  return Array.from({ length: random.length >> 4 }, (_, at) =>
    v7({ msecs, random: random.subarray(at << 4, (at + 1) << 4) }),
  );
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isId(value: string): boolean {
  return uuid.test(value);
}

/** The month a row lives in: deliveries, messages and events are partitioned by it. First day, `YYYY-MM-01`. */
export function monthOf(time: Date): string {
  return `${time.toISOString().slice(0, 7)}-01`;
}

/** A message's month is read from its UUIDv7, so that its id alone is enough to find it. */
export function bucketOf(id: string): string {
  return monthOf(timeOf(id));
}

/** When an id was made, by the clock of who made it. */
export function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}
