import { z } from 'zod';
import type { ConsentProof } from './consent-proof-pages.js';

const text = z.string().nullable();
const moment = z.iso.datetime();

export const consentProofView = z
  .object({
    person: z.object({ id: z.uuid(), address: text, name: text }),
    madeAt: moment,
    isIntact: z.boolean().describe('Whether every entry is as it was written.'),
    entries: z.array(
      z.object({
        id: z.int(),
        at: moment,
        act: z.enum(['asked', 'confirmed', 'changed', 'left', 'imported', 'revived', 'erased']),
        list: z.object({ slug: z.string(), name: z.string() }).nullable(),
        text: text.describe('The exact words that the person saw.'),
        textVersion: text,
        policyVersion: text,
        source: text,
        ip: text.describe('Truncated to a /24 or /48.'),
        client: text,
        mail: z
          .object({ id: z.string(), subject: text, sentAt: moment.nullable() })
          .nullable()
          .describe('The mail that carried the link.'),
        isIntact: z.boolean(),
        seal: z
          .int()
          .nullable()
          .describe('The number of the seal that covers it; null for some seconds after it was written.'),
      }),
    ),
  })
  .meta({ id: 'ConsentProof' });

export function toConsentProofView({
  person,
  madeAt,
  isIntact,
  rows,
}: ConsentProof): z.infer<typeof consentProofView> {
  const { id, address, name } = person;
  return {
    person: { id, address, name },
    madeAt: madeAt.toISOString(),
    isIntact,
    entries: rows.map((row) => ({
      ...row,
      at: row.at.toISOString(),
      mail: row.mail && { ...row.mail, sentAt: row.mail.sentAt?.toISOString() ?? null },
    })),
  };
}
