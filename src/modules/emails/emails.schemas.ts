import { z } from 'zod';
import {
  deliveryStates,
  emailAddress,
  isTimedId,
  localeTag,
  longText,
  moment,
  oneLine,
  refuseBadText,
  refuseLarge,
  streams,
  whenValid,
} from '../../domain/index.js';
import { itemError, pageOf } from '../../platform/http/index.js';
import { attachments } from '../delivery/index.js';
import { callerHeaders } from './caller-headers.js';
import { missingPicture } from './inline-pictures.js';
import { recipients, refuseDoubles } from './recipients.js';

/** Content is kept for 30 days, so a mail can not wait longer. */
const LONGEST_WAIT_DAYS = 30;
const BODY_CHARACTERS = 1_000_000;
/** A template may write each of them several times, and a mail of 25 MB is refused everywhere. */
const VARIABLES_KILOBYTES = 256;

const tag = z
  .string()
  .max(64)
  .regex(/^[\w.:-]+$/, 'must be made of letters, digits and . : _ -');

export const newEmail = z
  .strictObject({
    to: recipients,
    cc: recipients.optional(),
    bcc: recipients.optional(),
    replyTo: emailAddress.optional(),
    sender: oneLine(63).optional().describe('Slug of a sender. Default: the first one.'),
    template: oneLine(100).optional().describe('Name of a template; with `variables`.'),
    variables: z.record(z.string(), z.unknown()).optional(),
    subject: oneLine(500).optional().describe('With `html`, `mjml` or `text`.'),
    html: longText(BODY_CHARACTERS).optional().describe('Without `text`, the text part is derived from it.'),
    mjml: longText(BODY_CHARACTERS).optional().describe('A whole MJML document, in place of `html`.'),
    text: longText(BODY_CHARACTERS).optional(),
    scheduledAt: moment
      .optional()
      .describe('Not before this moment, at most 30 days ahead; a past one means now.'),
    attachments: attachments.optional(),
    headers: callerHeaders.optional(),
    tags: z.array(tag).max(10).optional(),
    locale: localeTag
      .optional()
      .describe('Language of the template. Default: what is known of the recipient.'),
  })
  .superRefine(refuseBadText, whenValid)
  .superRefine(
    refuseLarge(VARIABLES_KILOBYTES, ({ variables }) => variables, ['variables']),
    whenValid,
  )
  .superRefine(refuseDoubles, whenValid)
  .superRefine((mail, context) => {
    const problem = contentProblem(mail);
    if (problem) context.addIssue({ code: 'custom', ...problem });
    for (const field of ['html', 'mjml'] as const) {
      const id = missingPicture(mail[field] ?? '', mail.attachments ?? []);
      if (id === undefined) continue;
      const message = `shows cid:${id}, and no attachment has this contentId`;
      context.addIssue({ code: 'custom', path: [field], message });
    }
    const wait = (mail.scheduledAt?.getTime() ?? 0) - Date.now();
    if (wait > LONGEST_WAIT_DAYS * 86_400_000) {
      context.addIssue({
        code: 'custom',
        path: ['scheduledAt'],
        message: `is more than ${LONGEST_WAIT_DAYS} days ahead`,
      });
    }
  }, whenValid)
  .meta({ id: 'NewEmail' });
export type NewEmail = z.infer<typeof newEmail>;

interface Content {
  template?: string | undefined;
  variables?: object | undefined;
  subject?: string | undefined;
  html?: string | undefined;
  mjml?: string | undefined;
  text?: string | undefined;
}

/** Exactly one of a template and a subject with a body. */
function contentProblem(mail: Content): { path: string[]; message: string } | undefined {
  const own = (['subject', 'html', 'mjml', 'text'] as const).find((field) => mail[field] !== undefined);
  if (mail.template !== undefined) {
    return own && { path: [own], message: 'a mail has either a template or a subject with a body, not both' };
  }
  if (mail.variables !== undefined)
    return { path: ['variables'], message: 'are for a template; there is none' };
  if (own === undefined)
    return { path: ['template'], message: 'a mail needs a template, or a subject with html, mjml or text' };
  if (mail.subject === undefined)
    return { path: ['subject'], message: 'is needed where there is no template' };
  if (own === 'subject' && mail.html === undefined && mail.mjml === undefined && mail.text === undefined) {
    return { path: ['html'], message: 'a mail with a subject needs html, mjml or text' };
  }
  return mail.html !== undefined && mail.mjml !== undefined
    ? { path: ['mjml'], message: 'a mail has either html or mjml, not both' }
    : undefined;
}

const timestamp = z.iso.datetime();
export const emailStatus = z
  .enum(deliveryStates)
  .describe(
    'The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient\'s server has taken the mail.',
  );

export const acceptedEmail = z.object({ id: z.uuid(), status: emailStatus }).meta({ id: 'AcceptedEmail' });
export type AcceptedEmail = z.infer<typeof acceptedEmail>;

/** What one request can answer in some seconds. */
const MAX_BATCH = 100;

/** Each is read by itself, so that a mistake in one does not cost the others. */
export const emailBatch = z.strictObject({ emails: z.array(z.unknown()).min(1).max(MAX_BATCH) }).meta({
  id: 'EmailBatch',
  description: `1 to ${MAX_BATCH} mails, each as for POST /v1/emails.`,
});
export type EmailBatch = z.infer<typeof emailBatch>;

export const emailBatchAnswer = z
  .object({
    data: z
      .array(
        z.object({
          statusCode: z.int().describe('What POST /v1/emails would have answered.'),
          ...acceptedEmail.partial().shape,
          error: itemError.optional(),
        }),
      )
      .describe('In the order of the request.'),
  })
  .meta({ id: 'EmailBatchAnswer' });
export type EmailBatchAnswer = z.infer<typeof emailBatchAnswer>;

export const cancelledEmail = z
  .object({
    id: z.uuid(),
    status: emailStatus,
    cancelled: z.int().describe('Recipients who do not get it.'),
  })
  .meta({ id: 'CancelledEmail' });
export type CancelledEmail = z.infer<typeof cancelledEmail>;

export const resentEmail = z
  .object({
    id: z.uuid().describe('The new mail.'),
    status: emailStatus,
    resendOf: z.uuid().describe('The mail that it repeats.'),
  })
  .meta({ id: 'ResentEmail' });
export type ResentEmail = z.infer<typeof resentEmail>;

const summary = {
  id: z.uuid(),
  status: emailStatus,
  stream: z.enum(streams),
  subject: z.string().nullable(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
  tags: z.array(z.string()),
  createdAt: timestamp,
  scheduledAt: timestamp.nullable(),
};

export const emailSummary = z.object(summary).meta({ id: 'EmailSummary' });
export type EmailSummary = z.infer<typeof emailSummary>;
export const emailPage = pageOf(emailSummary, 'EmailPage');

export const emailView = z
  .object({
    ...summary,
    resendOf: z.uuid().nullable().describe('The mail that this one repeats.'),
    resends: z.array(z.uuid()).describe('The mails that repeat this one.'),
    deliveries: z.array(
      z.object({
        id: z.int(),
        personId: z.uuid(),
        address: z.string(),
        role: z.enum(['to', 'cc', 'bcc']),
        state: z.enum(deliveryStates),
        reason: z.string().nullable().describe('Why it was skipped or failed.'),
        outcome: z
          .enum(['delivered', 'bounced', 'complained'])
          .nullable()
          .describe('What came after the hand-over.'),
        tries: z.int(),
        dueAt: timestamp.nullable().describe('The next try, while it waits.'),
        settledAt: timestamp.nullable(),
        reply: z.string().nullable().describe("The server's last words."),
        attempts: z
          .array(
            z.object({
              at: timestamp,
              relay: z.string().nullable(),
              state: z.enum(['sent', 'failed', 'deferred', 'unknown']).describe('What came of it.'),
              replyCode: z.int().nullable(),
              reply: z.string().nullable(),
            }),
          )
          .describe('Each hand-over and what the server said to it, for as long as contents are kept.'),
      }),
    ),
    history: z.array(
      z.object({
        at: timestamp,
        type: z.string(),
        deliveryId: z.int().nullable(),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'Email' });
export type EmailView = z.infer<typeof emailView>;

export const emailSearch = z
  .strictObject({
    state: z.enum(deliveryStates).optional().describe('Mails with at least one recipient in this state.'),
    tag: tag.optional(),
    address: emailAddress.optional().describe('Mails with this recipient.'),
    from: moment.optional().describe('Accepted at this moment or later.'),
    to: moment.optional().describe('Accepted before this moment.'),
    limit: z.int().min(1).max(100).default(20),
    after: z
      .uuid()
      .refine(isTimedId, 'is not the id of a mail')
      .optional()
      .describe('The id of the last mail of the page before.'),
  })
  .meta({ id: 'EmailSearch' });
export type EmailSearch = z.infer<typeof emailSearch>;
