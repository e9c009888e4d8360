import { z } from 'zod';
import { parseAddress } from './address.js';
import { findTextProblem, textProblem } from './text.js';

/** Fields that many bodies share, so that the same mistake gets the same words everywhere. */

/**
 * Turns the direction of all that follows on its line: with one in a name, "Hello exe.txt, thank you" reads backwards. Those that hold for
 * one character (marks) are part of how names are written, and stay.
 */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * One line for people: a name, a subject. Trimmed, without control characters (a line break would end a header field). What turns the
 * direction of a text is taken out without a word: it comes along when a name is copied, and nobody sees it.
 */
export function oneLine(max: number) {
  return z
    .string()
    .overwrite((text) => text.replaceAll(TURNING, ''))
    .trim()
    .min(1)
    .max(max)
    .superRefine((value, context) => {
      const problem =
        textProblem(value) ??
        (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) ? 'must be one line without control characters' : undefined);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    });
}

/** Text of many lines. */
export function longText(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .superRefine((value, context) => {
      const problem = textProblem(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    });
}

/** An email address in the canonical and the typed form. */
export const emailAddress = z
  .string()
  .max(1_000)
  .transform((value, context) => {
    const parsed = parseAddress(value);
    if (parsed.ok) return parsed.address;
    context.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  });

/** A language as BCP 47 writes it: `de`, `pt-BR`. */
export const localeTag = z
  .string()
  .max(35)
  .transform((value, context) => {
    try {
      const [tag] = Intl.getCanonicalLocales(value);
      if (tag !== undefined) return tag;
    } catch {
      // Said below, in words of ours.
    }
    context.addIssue({ code: 'custom', message: 'is not a language tag, such as "en" or "pt-BR"' });
    return z.NEVER;
  });

/** A moment with its offset from UTC. */
export const moment = z.iso
  .datetime({
    offset: true,
    error: 'must be a moment as ISO 8601 with its offset, such as "2026-11-22T09:41:00Z"',
  })
  .transform((value) => new Date(value));

export const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_000);

/** For a check of a whole body, which may rely on its fields: zod would run it with broken ones too. */
export const whenValid = { when: ({ issues }: { issues: readonly unknown[] }) => issues.length === 0 };

/** For bodies that keep what they do not know: every string in it, and how deep it goes. */
export function refuseBadText(value: unknown, context: z.RefinementCtx): void {
  const found = findTextProblem(value);
  if (found) context.addIssue({ code: 'custom', path: [...found.path], message: found.problem });
}

/**
 * For what is kept as it came and has no limits of its own: it may have so many kilobytes as JSON. After `refuseBadText`, which stops what
 * is nested too deep to be written.
 * @param part what of the body counts @param path where that stands
 */
export function refuseLarge<T>(kilobytes: number, part: (value: T) => unknown, path: string[] = []) {
  return (value: T, context: z.RefinementCtx): void => {
    const octets = Buffer.byteLength(JSON.stringify(part(value)) ?? '');
    if (octets <= kilobytes * 1024) return;
    const message = `is too large: ${Math.ceil(octets / 1024)} KB, and it may have ${kilobytes}`;
    context.addIssue({ code: 'custom', path, message });
  };
}
