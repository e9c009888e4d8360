import { z } from 'zod';
import { oneLine, parseAddress, type Address } from '../../domain/index.js';

export const MAX_RECIPIENTS = 50;

export interface Recipient {
  readonly address: Address;
  readonly name: string | null;
}

const oneRecipient = z.union([
  z.string().max(1_000),
  z.strictObject({ email: z.string().max(1_000), name: oneLine(200).optional() }),
]);

/** One recipient or several; each an address, or an address with the name that stands before it. */
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
  const given = typeof one === 'string' ? { email: one } : one;
  const parsed = parseAddress(given.email);
  if (parsed.ok) return { address: parsed.address, name: given.name ?? null };
  context.addIssue({
    code: 'custom',
    path: typeof one === 'string' ? path : [...path, 'email'],
    message: parsed.problem,
  });
  return z.NEVER;
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
