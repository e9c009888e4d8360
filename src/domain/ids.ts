import { v7 } from 'uuid';

/** UUIDv7 (RFC 9562 §5.7): made by the application, in the order of time. */
export function newId(): string {
  return v7();
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
