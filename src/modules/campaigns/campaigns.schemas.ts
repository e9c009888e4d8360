import { z } from 'zod';
import { campaignStates, emailAddress, longText, moment, oneLine, whenValid } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';

const SOURCE_CHARACTERS = 500_000;
const MAX_LISTS = 20;
const MAX_TEST_RECIPIENTS = 10;

const fields = {
  name: oneLine(200).describe('For the people who send it; subscribers do not see it.'),
  subject: oneLine(500).describe('May hold merge tags, such as {{ recipient.name }}.'),
  preheader: oneLine(500).nullish().describe('What an inbox shows after the subject.'),
  lists: z
    .array(oneLine(63))
    .min(1)
    .max(MAX_LISTS)
    .refine((slugs) => new Set(slugs).size === slugs.length, 'names a list twice')
    .describe('Who is on several of them gets one mail, through the first.'),
  sender: oneLine(63).describe("Slug of a sender. Default: the first list's."),
  content: longText(SOURCE_CHARACTERS).describe('Markdown with merge tags; comes in the layout for news.'),
  mjml: longText(SOURCE_CHARACTERS).describe(
    'In place of `content`: sections for that layout, or a whole MJML document.',
  ),
  retryHours: z
    .int()
    .min(1)
    .max(96)
    .nullish()
    .describe(
      'For how many hours a mail that a server puts off is tried again. Default: as long as all news.',
    ),
};

const notBoth = 'a campaign has either content or mjml, not both';

export const newCampaign = z
  .strictObject({
    ...fields,
    sender: fields.sender.optional(),
    content: fields.content.optional(),
    mjml: fields.mjml.optional(),
  })
  .superRefine(({ content, mjml }, context) => {
    if (content !== undefined && mjml !== undefined)
      context.addIssue({ code: 'custom', path: ['mjml'], message: notBoth });
    if (content === undefined && mjml === undefined) {
      context.addIssue({ code: 'custom', path: ['content'], message: 'a campaign needs content or mjml' });
    }
  }, whenValid)
  .meta({ id: 'NewCampaign' });
export type NewCampaign = z.infer<typeof newCampaign>;

export const campaignChange = z
  .strictObject(fields)
  .partial()
  .superRefine(({ content, mjml }, context) => {
    if (content !== undefined && mjml !== undefined)
      context.addIssue({ code: 'custom', path: ['mjml'], message: notBoth });
  }, whenValid)
  .meta({ id: 'CampaignChange' });
export type CampaignChange = z.infer<typeof campaignChange>;

export const campaignSchedule = z.strictObject({ at: moment }).meta({ id: 'CampaignSchedule' });
export type CampaignSchedule = z.infer<typeof campaignSchedule>;

export const campaignTest = z
  .strictObject({ to: z.array(emailAddress).min(1).max(MAX_TEST_RECIPIENTS) })
  .meta({ id: 'CampaignTest' });
export type CampaignTest = z.infer<typeof campaignTest>;

export const campaignTestAnswer = z
  .object({ emailIds: z.array(z.uuid()) })
  .meta({ id: 'CampaignTestAnswer' });
export type CampaignTestAnswer = z.infer<typeof campaignTestAnswer>;

export const timestamp = z.iso.datetime();
export const campaignCounts = z
  .object({
    recipients: z.int().describe('The sum of the others.'),
    queued: z.int(),
    sending: z.int(),
    deferred: z.int(),
    sent: z.int(),
    failed: z.int(),
    skipped: z.int(),
    unknown: z.int().describe('Handed over, and no answer was seen.'),
  })
  .meta({ id: 'CampaignCounts' });

const summary = {
  id: z.uuid(),
  name: z.string(),
  subject: z.string(),
  preheader: z.string().nullable(),
  lists: z.array(z.string()),
  sender: z.string(),
  retryHours: z.int().nullable(),
  state: z.enum(campaignStates),
  stateReason: z.string().nullable().describe('Why Postrider itself changed the state.'),
  scheduledAt: timestamp.nullable(),
  startedAt: timestamp.nullable(),
  frozenAt: timestamp.nullable().describe('From here on the number of recipients is final.'),
  finishedAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
  counts: campaignCounts,
};

export const campaignSummary = z.object(summary).meta({ id: 'CampaignSummary' });
export type CampaignSummary = z.infer<typeof campaignSummary>;
export const campaignPage = pageOf(campaignSummary, 'CampaignPage');
export const campaignsQuery = pageQuery.extend({ after: z.uuid().optional() });
export type CampaignsQuery = z.infer<typeof campaignsQuery>;

export const campaignView = z
  .object({ ...summary, content: z.string().nullable(), mjml: z.string().nullable() })
  .meta({ id: 'Campaign' });
export type CampaignView = z.infer<typeof campaignView>;
