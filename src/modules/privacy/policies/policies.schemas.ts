import { z } from 'zod';
import { localeTag, longText } from '../../../domain/index.js';
import type { Policy, PolicyHead } from '../../consent/index.js';

const MAX_POLICY = 200_000;
const MAX_MESSAGE = 2_000;

/** It stands in an address: `/privacy/2026-11`. */
export const policyVersion = z
  .string()
  .regex(
    /^(?!accept$)[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/,
    'must be 1 to 40 letters, digits, ".", "_" or "-", such as "2026-11"',
  );

export const revisedOn = z.iso.date({ error: 'must be a day, such as "2026-11-22"' });

function byLocale(max: number) {
  return z
    .record(z.string(), longText(max))
    .transform((texts, context) => {
      const entries = Object.entries(texts).map(([tag, text]) => {
        const locale = localeTag.safeParse(tag);
        if (!locale.success)
          context.addIssue({ code: 'custom', path: [tag], message: 'is not a language tag, such as "en"' });
        return [locale.data ?? tag, text] as const;
      });
      return Object.fromEntries(entries);
    })
    .refine((texts) => Object.keys(texts).length > 0, 'needs the text in at least one language');
}

export const policyBodies = byLocale(MAX_POLICY);

export const newPolicyBody = z
  .strictObject({
    version: policyVersion.optional().describe('A name of your own; a running number when left out.'),
    revisedOn: revisedOn.describe('The day that the policy itself names.'),
    body: policyBodies.describe(
      'Markdown by language: `{"en": "…", "de": "…"}`. Raw HTML in it is shown as text.',
    ),
  })
  .meta({ id: 'NewPrivacyPolicy' });
export type NewPolicyBody = z.infer<typeof newPolicyBody>;

const head = {
  version: z.string(),
  revisedOn,
  publishedAt: z.iso.datetime(),
  current: z.boolean(),
  locales: z.array(z.string()),
  url: z.url(),
};
const policyHead = z.object(head).meta({ id: 'PrivacyPolicyHead' });
export const policyList = z.object({ data: z.array(policyHead) }).meta({ id: 'PrivacyPolicyList' });
export const policyView = z
  .object({ ...head, body: z.record(z.string(), z.string()) })
  .meta({ id: 'PrivacyPolicy' });

export interface PolicyPlace {
  readonly publicUrl: string;
  readonly current: string | undefined;
}

export function toPolicyHead(
  policy: PolicyHead,
  { publicUrl, current }: PolicyPlace,
): z.infer<typeof policyHead> {
  const { version, revisedOn: day, publishedAt, locales } = policy;
  return {
    version,
    revisedOn: day,
    publishedAt: publishedAt.toISOString(),
    current: version === current,
    locales: [...locales],
    url: `${publicUrl}/privacy/${version}`,
  };
}

export function toPolicyView(policy: Policy, place: PolicyPlace): z.infer<typeof policyView> {
  return { ...toPolicyHead(policy, place), body: { ...policy.bodies } };
}

const audience = z.union(
  [
    z.enum(['subscribers', 'everyone']),
    z.strictObject({ lists: z.array(z.string().max(63)).min(1).max(100) }),
  ],
  { error: 'must be "subscribers", "everyone" or {"lists": ["slug", …]}' },
);

export const announceBody = z
  .strictObject({
    audience: audience.describe(
      '`subscribers`: whoever receives news of any list; `lists`: of these; `everyone`: customers and people who have left too.',
    ),
    acceptance: z
      .enum(['none', 'asked'])
      .default('none')
      .describe(
        '`asked`: the mail has a button to a page where the person agrees. Silence is never taken for agreement.',
      ),
    message: byLocale(MAX_MESSAGE)
      .optional()
      .describe('A few words of your own about what changes, as plain text by language.'),
    sender: z.string().max(63).optional().describe('Slug of a sender; the first one when left out.'),
  })
  .meta({ id: 'PolicyAnnouncementRequest' });
export type AnnounceBody = z.infer<typeof announceBody>;

const count = z.int().min(0);
export const announcementView = z
  .object({
    id: z.uuid(),
    version: z.string(),
    state: z.enum(['sending', 'paused', 'cancelled', 'finished']),
    pauseReason: z.string().nullable(),
    audience,
    acceptance: z.enum(['none', 'asked']),
    createdAt: z.iso.datetime(),
    complete: z.boolean().describe('Whether everybody of the audience is counted yet.'),
    counts: z
      .object({
        recipients: count,
        queued: count,
        sending: count,
        deferred: count,
        sent: count,
        failed: count,
        skipped: count,
        unknown: count,
      })
      .describe('`recipients` is always the sum of the others.'),
    accepted: count.describe('People who agreed to this version, through this mail or elsewhere.'),
  })
  .meta({ id: 'PolicyAnnouncement' });
export type AnnouncementView = z.infer<typeof announcementView>;
