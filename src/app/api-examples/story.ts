/**
 * The examples of the API reference tell one story: Anna orders at Juniper & Moss and reads its letter. A name here is what several of
 * them speak of. Ids are UUIDv7 of the day on which it happens.
 */

/** What an example is filed under: the name of its schema in the document. */
export type Examples = Readonly<Record<string, unknown>>;

const id = (last: string): string => `019ab0c4-5d1e-7a3f-9c27-4be0d1f8${last}`;

export const ids = {
  anna: id('0001'),
  letters: id('0002'),
  subscription: id('0003'),
  email: id('0004'),
  resend: id('0005'),
  campaign: id('0006'),
  template: id('0007'),
  endpoint: id('0008'),
  attempt: id('0009'),
  suppression: id('000a'),
  import: id('000b'),
  relay: id('000c'),
  announcement: id('000d'),
  request: id('000e'),
  key: id('000f'),
} as const;

export const at = {
  asked: '2026-11-02T18:20:11.000Z',
  confirmed: '2026-11-02T18:21:40.000Z',
  placed: '2026-11-22T09:41:00.000Z',
  accepted: '2026-11-22T09:41:02.117Z',
  sent: '2026-11-22T09:41:02.304Z',
  now: '2026-11-22T10:15:00.000Z',
} as const;

export const address = 'anna@example.com';
export const reply = '250 2.0.0 Ok: queued as 4Dk2Xm1Qz9';

export const page = (...data: unknown[]): { data: unknown[]; hasMore: boolean } => ({ data, hasMore: false });

/** Counts always add up: the recipients are the sum of the others. */
export function counts(of: {
  sent?: number;
  queued?: number;
  failed?: number;
  skipped?: number;
}): Record<string, number> {
  const { sent = 0, queued = 0, failed = 0, skipped = 0 } = of;
  const recipients = sent + queued + failed + skipped;
  return { recipients, queued, sending: 0, deferred: 0, sent, failed, skipped, unknown: 0 };
}
