import { z } from 'zod';
import { localeTag, longText, refuseBadText, whenValid } from '../../domain/index.js';
import { pageOf } from '../../platform/http/index.js';

const PART_CHARACTERS = 400_000;
const PHRASE_CHARACTERS = 5_000;
const RESERVED = new Set(['layouts', 'partials', 'phrases']);

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be made of a-z, 0-9 and -, such as "gift-card"')
  .refine((value) => !RESERVED.has(value), 'is a name that Postrider uses');

const phrases = z.record(localeTag, z.record(z.string().max(100), z.string().max(PHRASE_CHARACTERS)));
const variables = z.record(z.string(), z.unknown());

const source = {
  subject: longText(2_000).describe('Liquid, one line.'),
  mjml: longText(PART_CHARACTERS).describe(
    'A whole MJML document with Liquid; [% layout "layouts/base.mjml" %] brings the look of the built-in mails, dark mode too.',
  ),
  text: longText(PART_CHARACTERS).nullish().describe('The text part. Null: derived from the HTML.'),
  preheader: longText(500).nullish().describe('What an inbox shows after the subject.'),
  phrases: phrases
    .optional()
    .describe(
      'By language, then by key; [[ t.key ]] shows one. What is left out comes from the built-in mails.',
    ),
  sample: variables
    .optional()
    .describe('Variables of a believable mail: the template is checked and shown with it.'),
};

export const newRevision = z
  .strictObject(source)
  .superRefine(refuseBadText, whenValid)
  .meta({ id: 'NewTemplateRevision' });
export type NewRevision = z.infer<typeof newRevision>;

export const newTemplate = z
  .strictObject({ name, ...source })
  .superRefine(refuseBadText, whenValid)
  .meta({ id: 'NewTemplate' });
export type NewTemplate = z.infer<typeof newTemplate>;

export const previewBody = z
  .strictObject({
    locale: localeTag.default('en'),
    variables: variables.optional().describe('Over those of the sample.'),
    revision: z.uuid().optional().describe('Default: the live one.'),
  })
  .superRefine(refuseBadText, whenValid)
  .meta({ id: 'TemplatePreviewBody' });
export type PreviewBody = z.infer<typeof previewBody>;

export const publishBody = z.strictObject({ revision: z.uuid() }).meta({ id: 'TemplatePublishBody' });
export type PublishBody = z.infer<typeof publishBody>;

const timestamp = z.iso.datetime();
const kind = z.enum(['builtin', 'own']);

export const templateSummary = z
  .object({ name: z.string(), kind, live: z.uuid().describe('The revision that mails go out with.') })
  .meta({ id: 'TemplateSummary' });
export type TemplateSummary = z.infer<typeof templateSummary>;
export const templatePage = pageOf(templateSummary, 'TemplatePage');

export const revisionSummary = z
  .object({
    id: z.uuid(),
    origin: z
      .enum(['shipped', 'file', 'api'])
      .describe('Came with Postrider, from TEMPLATES_DIR, by a call.'),
    live: z.boolean(),
    createdAt: timestamp,
    publishedAt: timestamp.nullable(),
  })
  .meta({ id: 'TemplateRevision' });
export type RevisionSummary = z.infer<typeof revisionSummary>;
export const revisionList = z.object({ data: z.array(revisionSummary) }).meta({ id: 'TemplateRevisions' });

export const storedRevision = revisionSummary
  .extend({ warnings: z.array(z.string()) })
  .meta({ id: 'StoredTemplateRevision' });
export type StoredRevision = z.infer<typeof storedRevision>;

const written = z.object({
  subject: z.string(),
  mjml: z.string(),
  text: z.string().nullable(),
  preheader: z.string().nullable(),
  phrases: z.record(z.string(), z.record(z.string(), z.string())),
});

export const revisionView = revisionSummary
  .extend({ source: written, sample: variables })
  .meta({ id: 'TemplateRevisionView' });
export type RevisionView = z.infer<typeof revisionView>;

export const templateView = templateSummary
  .extend({
    locales: z.array(z.string()),
    variables: z
      .array(
        z.object({
          name: z.string().describe('As a merge tag names it; order.items[].name is that of each item.'),
          type: z.enum(['string', 'number', 'boolean', 'list', 'any']),
          required: z.boolean().describe('A mail without it is refused.'),
          example: z.unknown(),
        }),
      )
      .describe('What a caller gives; brand, sender, recipient and links are given by Postrider.'),
    source: written,
    sample: variables,
  })
  .meta({ id: 'Template' });
export type TemplateView = z.infer<typeof templateView>;

export const templatePreview = z
  .object({
    locale: z.string(),
    subject: z.string(),
    html: z.string(),
    text: z.string(),
    sizeBytes: z.int().describe('Of the HTML; Gmail cuts off at 102 KB.'),
  })
  .meta({ id: 'TemplatePreview' });
export type TemplatePreview = z.infer<typeof templatePreview>;
