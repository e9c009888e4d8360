import { z } from 'zod';
import { streams } from '../../domain/index.js';

const day = z.iso.date('must look like 2026-11-22').describe('Of the hand-over, in UTC.');
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

export const deliverabilityQuery = z
  .strictObject({
    from: day.optional().describe('First day (UTC). Left out: 29 days before the last.'),
    to: day.optional().describe('Last day (UTC). Left out: today.'),
    campaign: z.uuid('must be the id of a campaign').optional(),
    domain: z.string().trim().toLowerCase().min(1).max(255).optional().describe("The recipient's domain."),
    top: z.coerce
      .number()
      .int()
      .min(1)
      .max(500)
      .default(50)
      .describe('How many campaigns and domains get a line of their own.'),
  })
  .superRefine(({ from, to }, context) => {
    if (from === undefined || to === undefined) return;
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
    if (days < 0) context.addIssue({ code: 'custom', path: ['to'], message: 'lies before from' });
    if (days > MOST_DAYS)
      context.addIssue({
        code: 'custom',
        path: ['from'],
        message: `is more than ${MOST_DAYS} days before to`,
      });
  });
export type DeliverabilityQuery = z.infer<typeof deliverabilityQuery>;

/** Both ends of what is asked for; the last thirty days where nothing is said. */
export function rangeOf({ from, to }: DeliverabilityQuery, now = new Date()): { from: string; to: string } {
  const end = to ?? now.toISOString().slice(0, 10);
  const start = new Date(Date.parse(end) - (DEFAULT_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  return { from: from ?? start, to: end < (from ?? start) ? (from ?? start) : end };
}

const numbers = {
  sent: z.int().describe('The relay took them.'),
  delivered: z.int().describe('Sent, and not come back so far.'),
  confirmed: z.int().describe('Of them, those that a provider says it delivered. 0 where nobody reports it.'),
  deferred: z.int().describe('Tries that were put off, on the day of the try.'),
  hard: z.int().describe('Refused or returned for good: no such address.'),
  soft: z
    .int()
    .describe('Refused or returned: mailbox full, switched off, in trouble, tried until the time was over.'),
  blocked: z
    .int()
    .describe(
      'Refused or returned because of the sender or the content: reputation, authentication, policy, spam.',
    ),
  complaints: z.int().describe('Marked as spam, as far as providers tell.'),
  complaintRate: z
    .number()
    .nullable()
    .describe(
      'Complaints as a share of what was delivered to domains that tell; null: no data, and `noComplaintData` says why.',
    ),
  complaintLevel: z
    .enum(['below', 'above_aim', 'above_limit'])
    .nullable()
    .describe('Against the lines of Gmail and Yahoo: stay below 0.1 %; from 0.3 % on mail goes to spam.'),
  noComplaintData: z
    .enum(['provider_sends_none', 'none_ever_heard', 'nothing_delivered'])
    .nullable()
    .describe(
      'provider_sends_none: Gmail and Apple tell nobody. none_ever_heard: no complaint ever came from there; perhaps nobody is registered for its feedback loop.',
    ),
};
const line = z.object(numbers).meta({ id: 'DeliverabilityLine' });
export type DeliverabilityLine = z.infer<typeof line>;

export const deliverabilityReport = z
  .object({
    from: day,
    to: day,
    countedAt: z.iso
      .datetime()
      .nullable()
      .describe('What happened some seconds before is counted; null: nothing is counted yet.'),
    total: line,
    days: z
      .array(z.object({ day, ...numbers }))
      .describe('By the day of the hand-over: what comes back later counts there.'),
    campaigns: z
      .array(
        z.object({
          campaignId: z.uuid().nullable().describe('null: single mails of the stream.'),
          stream: z.enum(streams),
          ...numbers,
        }),
      )
      .describe('The largest first.'),
    campaignCount: z.int().describe('How many there are in all.'),
    domains: z.array(z.object({ domain: z.string(), ...numbers })).describe('The largest first.'),
    domainCount: z.int().describe('How many there are in all.'),
  })
  .meta({ id: 'DeliverabilityReport' });
export type DeliverabilityReport = z.infer<typeof deliverabilityReport>;
