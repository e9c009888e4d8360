import { z } from 'zod';
import { emailAddress, suppressionReasons, suppressionScopes } from '../../domain/index.js';
import type { AddressScore } from './address-reports.service.js';

export const scoreQuery = z.strictObject({ address: emailAddress }).meta({ id: 'SuppressionScoreQuery' });
export type ScoreQuery = z.infer<typeof scoreQuery>;

export const scoreView = z
  .object({
    address: z.string(),
    score: z.number().describe('Soft bounces; each counts half after SOFT_BOUNCE_HALF_LIFE_DAYS.'),
    limit: z.number().describe('News stops at this score.'),
    suppression: z
      .object({
        id: z.uuid(),
        scope: z.enum(suppressionScopes),
        reason: z.enum(suppressionReasons),
        evidence: z.string().nullable(),
      })
      .nullable()
      .describe('Of those that hold the one that tells most.'),
    reports: z
      .array(
        z.object({
          at: z.iso.datetime(),
          source: z.string(),
          kind: z.enum(['bounced', 'complained', 'unsubscribed']),
          reason: z.string(),
          hard: z.boolean(),
          status: z.string().nullable(),
          reply: z.string().nullable(),
          weight: z.number(),
        }),
      )
      .describe('The newest first, at most 50.'),
  })
  .meta({ id: 'SuppressionScore' });

export function toScoreView({
  suppression,
  score,
  reports,
  ...rest
}: AddressScore): z.infer<typeof scoreView> {
  return {
    ...rest,
    score: Number(score.toFixed(3)),
    suppression: suppression && {
      id: suppression.id,
      scope: suppression.scope,
      reason: suppression.reason,
      evidence: suppression.evidence,
    },
    reports: reports.map(({ at, ...report }) => ({ at: at.toISOString(), ...report })),
  };
}
