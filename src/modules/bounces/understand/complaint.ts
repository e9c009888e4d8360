import { isComplaint } from '../feedback-type.js';
import { addressIn } from './addresses.js';
import { first } from './fields.js';
import { identityOf } from './identity.js';
import { originalRecipient } from './prose.js';
import type { Report } from './report.js';
import type { Understood, UnderstoodRecipient } from './understood.js';

/** A feedback report (RFC 5965), or one of the kind that Outlook.com sends, which marks the returned mail instead. */
export function complaint(report: Report): Understood | undefined {
  const marked = first(report.original, 'x-hmxmroriginalrecipient');
  if (!report.feedback && !marked) return undefined;
  const feedbackType = first(report.feedback, 'feedback-type')?.toLowerCase().split(/[\s;]/)[0] ?? 'abuse';
  const isAgainst = isComplaint(feedbackType);
  const named = (report.feedback?.get('original-rcpt-to') ?? [])
    .map(addressIn)
    .filter((address) => address !== null);
  const addresses = named.length > 0 ? named.slice(0, 200) : [addressIn(marked) ?? originalRecipient(report)];
  return {
    kind: isAgainst ? 'complaint' : 'other',
    recipients: addresses.map((address) => told(address, isAgainst ? 'complaint' : 'feedback')),
    identity: identityOf(report),
    feedbackType,
  };
}

/** A recipient of whom nothing was refused. */
export const told = (
  address: string | null,
  reason: 'complaint' | 'feedback' | 'vacation',
): UnderstoodRecipient => ({
  address,
  action: 'none',
  status: null,
  code: null,
  reply: '',
  reason,
  speaksOf: 'address',
  permanent: false,
  hard: false,
});
