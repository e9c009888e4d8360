import { z } from 'zod';
import { oneLine, parseAddress, type Address } from '../../domain/index.js';

export const MAX_RECIPIENTS = 50;

export interface Recipient {
  readonly address: Address;
  readonly name: string | null;
}

const displayName = oneLine(200);
const oneRecipient = z.union([
  z.string().max(1_000).describe('An address, or `Anna <anna@example.com>`.'),
  z.strictObject({ email: z.string().max(1_000), name: displayName.optional() }),
]);

/** `Anna <anna@example.com>`, as mail programs show it; the name may stand in quotes. */
const NAMED = /^(?<name>[^<>]*)<(?<email>[^<>]*)>\s*$/;

/** One recipient or several; each an address, alone or with the name that stands before it. */
export const recipients = z
  .union([oneRecipient, z.array(oneRecipient).min(1).max(MAX_RECIPIENTS)], {
    error: `must be an address, {email, name}, or 1 to ${MAX_RECIPIENTS} of these`,
  })
  .transform((value, context): Recipient[] => {
    if (!Array.isArray(value)) return [read(value, [], context)];
    return value.map((one, index) => read(one, [index], context));
  })
  .meta({ id: 'Recipients' });

function read(
  one: z.infer<typeof oneRecipient>,
  path: (string | number)[],
  context: z.RefinementCtx,
): Recipient {
  const given = typeof one === 'string' ? taken(one) : one;
  const parsed = parseAddress(given.email);
  const named = given.name === undefined ? undefined : displayName.safeParse(given.name);
  if (parsed.ok && named?.success !== false) return { address: parsed.address, name: named?.data ?? null };
  context.addIssue({
    code: 'custom',
    path: typeof one === 'string' ? path : [...path, 'email'],
    message: parsed.ok ? `has a name that ${named?.error?.issues[0]?.message}` : parsed.problem,
  });
  return z.NEVER;
}

function taken(text: string): { email: string; name?: string } {
  const { name = '', email = text } = NAMED.exec(text)?.groups ?? {};
  const plain = name
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replaceAll(/\\(.)/g, '$1');
  return { email: email.trim(), ...(plain !== '' && { name: plain }) };
}

export const roles = ['to', 'cc', 'bcc'] as const;
export type Role = (typeof roles)[number];

/** An address stands once in a mail, and a mail is no blast. */
export function refuseDoubles(
  mail: Partial<Record<Role, Recipient[] | undefined>>,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  let count = 0;
  for (const role of roles) {
    for (const [index, { address }] of (mail[role] ?? []).entries()) {
      count += 1;
      if (seen.has(address.canonical)) {
        context.addIssue({
          code: 'custom',
          path: [role, index],
          message: 'is a recipient of this mail already',
        });
      }
      seen.add(address.canonical);
    }
  }
  if (count > MAX_RECIPIENTS) {
    context.addIssue({
      code: 'custom',
      path: ['to'],
      message: `has more than ${MAX_RECIPIENTS} recipients with cc and bcc`,
    });
  }
}
