import { z } from 'zod';
import { suppressionReasons, suppressionScopes } from '../../domain/index.js';
import type { AddressScore, Suppression } from '../suppression/index.js';

export const suppressionEvidence = z
  .object({
    id: z.uuid(),
    address: z.string(),
    scope: z.enum(suppressionScopes),
    listId: z.uuid().nullable(),
    reason: z.enum(suppressionReasons),
    evidence: z
      .string()
      .nullable()
      .describe('What it was added for: source, reason, and the words of the server or a note.'),
    createdAt: z.iso.datetime(),
    releasedAt: z.iso.datetime().nullable(),
    releaseNote: z.string().nullable(),
    softBounces: z
      .object({ score: z.number(), limit: z.number() })
      .describe('What counts against the address now; each soft bounce counts half after every half-life.'),
    reports: z
      .array(
        z.object({
          at: z.iso.datetime(),
          source: z
            .string()
            .describe('smtp: our own dialogue with the relay; dsn, arf: a report by mail; or the provider.'),
          kind: z.enum(['bounced', 'complained', 'unsubscribed']),
          reason: z.string(),
          hard: z.boolean(),
          status: z.string().nullable().describe('RFC 3463, such as 5.1.1.'),
          reply: z.string().nullable().describe("The server's words."),
        }),
      )
      .describe('What was told of the address, the newest first.'),
  })
  .meta({ id: 'SuppressionEvidence' });
export type SuppressionEvidence = z.infer<typeof suppressionEvidence>;

export function toSuppressionEvidence(
  suppression: Suppression,
  { score, limit, reports }: AddressScore,
): SuppressionEvidence {
  const { createdAt, releasedAt, ...rest } = suppression;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    releasedAt: releasedAt?.toISOString() ?? null,
    softBounces: { score: Math.round(score * 100) / 100, limit },
    reports: reports.map(({ at, source, kind, reason, hard, status, reply }) => ({
      at: at.toISOString(),
      source,
      kind,
      reason,
      hard,
      status,
      reply,
    })),
  };
}
