import { z } from 'zod';

const MAX_HEADERS = 20;
/** Encoded as RFC 2047 asks for it stays within what servers take. */
const MAX_CHARACTERS = 900;
const MAX_ID_CHARACTERS = 2_000;

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,75}$/;
const MESSAGE_IDS = /^<[!-;=?-~]{1,250}>(?: <[!-;=?-~]{1,250}>)*$/;

/**
 * Fields that a caller may add: X-…, and those that tie a mail to a conversation. All others are made here, where they follow from what the
 * mail is; two of one name would break its signature or its way.
 */
export const callerHeaders = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const names = Object.keys(headers);
    if (names.length > MAX_HEADERS)
      context.addIssue({ code: 'custom', message: `are more than ${MAX_HEADERS}` });
    const seen = new Set<string>();
    for (const name of names) {
      const problem =
        nameProblem(name) ?? valueProblem(name, headers[name] ?? '') ?? doubleProblem(name, seen);
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: problem });
    }
  })
  .describe('Further header fields: X-…, References and In-Reply-To.');

function nameProblem(name: string): string | undefined {
  if (!NAME.test(name)) return 'is no name of a header field';
  const lower = name.toLowerCase();
  if (lower === 'reply-to') return 'has a field of its own: replyTo';
  if (lower.startsWith('list-')) return 'belongs to newsletters, which campaigns send';
  if (lower.startsWith('x-postrider-')) return 'is a field of Postrider itself';
  if (lower === 'x-smtpapi') return 'adds recipients at a relay, past every check: use to, cc and bcc';
  return lower.startsWith('x-') || isMessageIds(name)
    ? undefined
    : 'is made by Postrider; X-…, References and In-Reply-To may be set';
}

function valueProblem(name: string, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return 'must not hold a line break';
  if (/\p{Cc}/u.test(value)) return 'must not hold control characters';
  if (value.trim() === '' || value.trim() !== value) return 'must not be empty or have spaces around it';
  if (!isMessageIds(name))
    return value.length > MAX_CHARACTERS ? `has more than ${MAX_CHARACTERS} characters` : undefined;
  return value.length <= MAX_ID_CHARACTERS && MESSAGE_IDS.test(value)
    ? undefined
    : 'must be message ids such as <id@example.com>, with one space between';
}

function doubleProblem(name: string, seen: Set<string>): string | undefined {
  const lower = name.toLowerCase();
  if (seen.has(lower)) return 'is there twice';
  seen.add(lower);
  return undefined;
}

function isMessageIds(name: string): boolean {
  return /^(?:references|in-reply-to)$/i.test(name);
}
