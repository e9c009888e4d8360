import { z } from 'zod';
import { deliveryStates, oneLine } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';
import { NONE } from '../delivery/index.js';
import { campaignCounts, timestamp } from './campaigns.schemas.js';

/** What became of a campaign: the report, the lists behind its numbers, and sending once more. */

const MOST_DOMAINS = 100;

const domainName = z.string().trim().toLowerCase().min(1).max(255);
const outcome = z.enum(['delivered', 'bounced', 'complained']);

/** A value that a row may not have: then it is "none". */
const orNone = <T extends z.ZodType>(value: T) => z.union([z.literal(NONE).transform(() => null), value]);

const outcomes = z
  .object({ delivered: z.int(), bounced: z.int(), complained: z.int() })
  .describe('What came after the hand-over, beside the state. 0 where nobody reports it.')
  .meta({ id: 'CampaignOutcomes' });

export const campaignReport = z
  .object({
    campaignId: z.uuid(),
    at: timestamp.describe('All numbers are of this moment.'),
    counts: campaignCounts,
    outcomes,
    domains: z
      .array(z.object({ domain: z.string(), counts: campaignCounts, outcomes }))
      .describe(
        'The recipient domains with the most recipients. With `otherDomains` they add up to `counts`.',
      ),
    otherDomains: z
      .object({ domains: z.int().describe('How many they are.'), counts: campaignCounts, outcomes })
      .describe('All the others together; as a list: `notDomains` with the domains above.'),
    replies: z
      .array(
        z.object({
          state: z.enum(['failed', 'deferred', 'unknown']),
          reason: z.string().nullable(),
          replyCode: z.int().nullable(),
          enhanced: z.string().nullable().describe('The enhanced status (RFC 3463), such as 5.1.1.'),
          count: z.int(),
          sample: z.string().nullable().describe("The server's words to one of them, without the address."),
        }),
      )
      .describe('Why mail failed, waits for another try, or is unknown. The most frequent first.'),
    skips: z
      .array(z.object({ reason: z.string().nullable(), count: z.int() }))
      .describe('Why mail was not sent on purpose.'),
  })
  .meta({ id: 'CampaignReport' });
export type CampaignReport = z.infer<typeof campaignReport>;

export const campaignReportQuery = z.strictObject({
  domains: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_DOMAINS)
    .default(20)
    .describe('How many domains get a line of their own.'),
});
export type CampaignReportQuery = z.infer<typeof campaignReportQuery>;

export const campaignDelivery = z
  .object({
    id: z.int(),
    personId: z.uuid(),
    address: z.string(),
    state: z.enum(deliveryStates),
    reason: z.string().nullable().describe('Why it was skipped or failed.'),
    outcome: outcome.nullable().describe('What came after the hand-over.'),
    tries: z.int(),
    dueAt: timestamp.nullable().describe('The next try, while it waits.'),
    settledAt: timestamp.nullable(),
    reply: z.string().nullable().describe("The server's last words."),
  })
  .meta({ id: 'CampaignDelivery' });
export type CampaignDelivery = z.infer<typeof campaignDelivery>;
export const campaignDeliveryPage = pageOf(campaignDelivery, 'CampaignDeliveryPage');

export const campaignDeliveriesQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional(),
  outcome: outcome.optional(),
  domain: domainName.optional().describe("The recipient's domain."),
  notDomains: z
    .string()
    .max(MOST_DOMAINS * 256)
    .transform((value) =>
      value
        .toLowerCase()
        .split(',')
        .map((domain) => domain.trim()),
    )
    .optional()
    .describe('Any domain but these, separated by commas.'),
  reason: orNone(oneLine(500)).optional().describe('As in the report; "none": those without.'),
  replyCode: orNone(z.coerce.number().int().min(100).max(999))
    .optional()
    .describe('The first number of the reply; "none": those without.'),
  enhanced: orNone(z.string().regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'must look like 5.1.1'))
    .optional()
    .describe('The enhanced status of the reply; "none": those without.'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('The id of the last delivery of the page before.'),
});
export type CampaignDeliveriesQuery = z.infer<typeof campaignDeliveriesQuery>;

export const campaignResendRequest = z
  .strictObject({
    states: z
      .array(z.enum(['failed', 'unknown']))
      .min(1)
      .max(2)
      .describe('`unknown` mail may have arrived: who got it gets it twice, with the same Message-ID.'),
    reasons: z.array(oneLine(500)).min(1).max(50).optional().describe('Only these, as in the report.'),
    domain: domainName.optional().describe("Only this recipient's domain."),
  })
  .meta({ id: 'CampaignResend' });
export type CampaignResendRequest = z.infer<typeof campaignResendRequest>;

export const campaignResendAnswer = z
  .object({
    queued: z.int().describe('How many go out once more. The check before the hand-over still holds.'),
  })
  .meta({ id: 'CampaignResendAnswer' });
export type CampaignResendAnswer = z.infer<typeof campaignResendAnswer>;
