import { z } from 'zod';
import { understandBounceReply } from '../../../domain/index.js';
import { isComplaint } from '../feedback-type.js';
import { told } from './complaint.js';
import { identityOf } from './identity.js';
import { quotedReply } from './quoted-reply.js';
import type { Report } from './report.js';
import type { Understood, UnderstoodRecipient } from './understood.js';

const recipient = z.object({
  emailAddress: z.string(),
  status: z.string().optional(),
  diagnosticCode: z.string().optional(),
});
const notification = z.object({
  notificationType: z.enum(['Bounce', 'Complaint', 'Delivery']),
  bounce: z.object({ bounceType: z.string(), bouncedRecipients: z.array(recipient).max(200) }).optional(),
  complaint: z
    .object({
      complainedRecipients: z.array(recipient).max(200),
      complaintFeedbackType: z.string().nullish(),
    })
    .optional(),
  delivery: z
    .object({ recipients: z.array(z.string()).max(200), smtpResponse: z.string().optional() })
    .optional(),
  mail: z.object({ messageId: z.string().optional(), source: z.string().optional() }).optional(),
});

/** A notification of Amazon SES that came as a mail (a topic of SNS with an e-mail subscription): JSON in the text. */
export function sesNotification(report: Report): Understood | undefined {
  const event = read(report.prose);
  if (!event) return undefined;
  const identity = {
    ...identityOf(report),
    messageId: event.mail?.messageId ?? null,
    envelopeSender: event.mail?.source ?? null,
  };
  if (event.complaint) {
    const feedbackType = event.complaint.complaintFeedbackType ?? 'abuse';
    const isAgainst = isComplaint(feedbackType);
    const recipients = event.complaint.complainedRecipients.map(({ emailAddress }) =>
      told(emailAddress, isAgainst ? 'complaint' : 'feedback'),
    );
    return { kind: isAgainst ? 'complaint' : 'other', recipients, identity, feedbackType };
  }
  if (event.bounce) {
    const { bounceType, bouncedRecipients } = event.bounce;
    const recipients = bouncedRecipients.map((one) => bounced(one, bounceType === 'Permanent'));
    return { kind: 'bounce', recipients, identity, feedbackType: null };
  }
  const { recipients = [], smtpResponse = '' } = event.delivery ?? {};
  return {
    kind: 'other',
    recipients: recipients.map((address) => delivered(address, smtpResponse)),
    identity,
    feedbackType: null,
  };
}

function read(text: string): z.infer<typeof notification> | undefined {
  const start = text.indexOf('{');
  if (start < 0 || !text.includes('"notificationType"')) return undefined;
  try {
    const json: unknown = JSON.parse(text.slice(start, text.lastIndexOf('}') + 1).replaceAll('\n', ''));
    return notification.safeParse(json).data;
  } catch {
    return undefined;
  }
}

function bounced(
  { emailAddress, status, diagnosticCode }: z.infer<typeof recipient>,
  permanent: boolean,
): UnderstoodRecipient {
  const said = quotedReply(diagnosticCode ?? '');
  const facts = { code: said.code, status: status ?? said.status, reply: said.text, stage: null, prose: '' };
  return {
    address: emailAddress,
    action: 'failed',
    status: facts.status,
    code: facts.code,
    reply: facts.reply,
    ...understandBounceReply(facts, permanent),
  };
}

function delivered(address: string, smtpResponse: string): UnderstoodRecipient {
  const { code, status, text } = quotedReply(smtpResponse);
  const facts = { status, code, reply: text, reason: 'delivered', speaksOf: 'address' } as const;
  return { address, action: 'delivered', permanent: false, hard: false, ...facts };
}
