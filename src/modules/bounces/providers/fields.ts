import { storableText } from '../../../domain/index.js';

/** Reading JSON of others: a field that is not there, or is something else, is undefined and breaks nothing. */

export type Json = Readonly<Record<string, unknown>>;

/** No field of theirs that is used here is longer, and PostgreSQL should not learn it the hard way. */
const LONGEST_TEXT = 2_000;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(from: unknown, ...path: string[]): Json | undefined {
  const found = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), from);
  return isObject(found) ? found : undefined;
}

export function listAt(from: Json | undefined, key: string): unknown[] {
  const found = from?.[key];
  return Array.isArray(found) ? found : [];
}

/** The first of these fields that is a text, or a number as its text: without NUL and halves of characters, and not endless. */
export function textAt(from: Json | undefined, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = from?.[key];
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') continue;
    const text = storableText(value.slice(0, LONGEST_TEXT)).trim();
    if (text !== '') return text;
  }
  return undefined;
}

/** ISO 8601, or seconds since 1970 as number or text; null for anything else. */
export function timeAt(from: Json | undefined, ...keys: string[]): Date | null {
  const text = textAt(from, ...keys);
  if (text === undefined) return null;
  const time = new Date(/^\d{1,11}(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** `Ann <ann@example.com>` → `ann@example.com`; undefined where that is no address or longer than any (RFC 5321 §4.5.3.1.3). */
export function addressAt(from: Json | undefined, ...keys: string[]): string | undefined {
  const text = textAt(from, ...keys);
  const address = (/<([^<>\s]+@[^<>\s]+)>\s*$/.exec(text ?? '')?.[1] ?? text)?.trim();
  return address !== undefined && /^\S{1,256}$/.test(address) ? address : undefined;
}

/** A Message-ID without its angle brackets. */
export function messageIdAt(from: Json | undefined, ...keys: string[]): string | undefined {
  return textAt(from, ...keys)?.replaceAll(/^<|>$/g, '');
}

/** Fields of a mail as lists of [name, value] or of {name, value}: the value of the first that is called so. */
export function headerAt(headers: readonly unknown[], name: string): string | undefined {
  for (const header of headers) {
    const pair: Json = Array.isArray(header)
      ? { name: header[0], value: header[1] }
      : isObject(header)
        ? header
        : {};
    if (textAt(pair, 'name')?.toLowerCase() === name) return textAt(pair, 'value');
  }
  return undefined;
}

/** X-Postrider-Delivery. */
export function deliveryIdOf(headers: readonly unknown[]): number | null {
  const id = headerAt(headers, 'x-postrider-delivery');
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
