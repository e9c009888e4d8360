import { policyHtml } from '../../src/modules/privacy/policies/policy-html.js';
import type { PublicPageData, ShownPolicy } from '../../src/platform/pages/index.js';

type Sample<P extends keyof PublicPageData> = { name: string; page: P; data: PublicPageData[P] };

const policy: ShownPolicy = {
  version: '2026-11',
  revisedOn: '2026-11-22',
  locale: 'en',
  html: policyHtml(`# Who is responsible

Fernweh & Sons, 12 Harbour Street, 20457 Hamburg, <privacy@fernweh.example>. Our way of <b>writing HTML</b> is not to.

## What we keep

- **Your address**, as long as you read our letters
- What you ordered, for ten years, because the law asks for it

> You can ask us at any time what is kept about you.

### Whom we tell

| Who | What for | What they get |
|---|---|---|
| Parcelservice_International_GmbH | Brings your orders | Name, address, telephone number if you gave one |
| Accountant | Books | Invoices |

1. Read more at [the authority](https://datenschutz.example/rights), or
2. https://fernweh.example/a/very/long/path/that/goes/on/and/on/until/it/is/wider/than/a/telephone
`),
};
const others = [
  { url: '/privacy/2026-03', version: '2026-03', revisedOn: '2026-03-01', isCurrent: false },
  { url: '/privacy/1', version: '1', revisedOn: '2024-05-25', isCurrent: false },
];
const current = { url: '/privacy', version: '2026-11', revisedOn: '2026-11-22', isCurrent: true };
const maskedEmail = 'a•••@example.com';
const text =
  'I have read the privacy policy of Fernweh & Sons as revised on November 22, 2026, and I agree to it.';

const row: PublicPageData['privacy-proof']['rows'][number] = {
  id: 10482,
  at: new Date('2026-03-02T09:41:00Z'),
  act: 'asked',
  list: 'The Sunday Letter',
  text: 'I would like to receive the letters chosen above from Fernweh & Sons by email. I can end that at any time with the link at the foot of every letter.',
  textVersion: 'subscribe-form-1',
  policyVersion: '2026-03',
  source: 'https://fernweh.example/checkout/thank-you',
  ip: '203.0.113.0/24',
  client: 'Firefox',
  mail: {
    id: '0198f2a0-1111-7222-8333-444455556666',
    subject: 'Please confirm your subscription',
    sentAt: new Date('2026-03-02T09:41:03Z'),
  },
  isIntact: true,
  seal: 4711,
};
const rows = [
  row,
  {
    ...row,
    id: 10483,
    act: 'confirmed' as const,
    text: null,
    textVersion: null,
    policyVersion: null,
    client: null,
  },
  {
    ...row,
    id: 99120,
    act: 'changed' as const,
    list: null,
    text,
    textVersion: 'policy-accept-1',
    mail: null,
    seal: null,
  },
];
const person = {
  id: '0198f2a0-0000-7222-8333-444455556666',
  address: 'ada.lovelace@example.com',
  name: 'Ada Lovelace',
};
const madeAt = new Date('2026-11-22T17:00:00Z');

/** The pages of the privacy policy and of the proof of consent. */
export const policySamples: readonly (
  | Sample<'privacy'>
  | Sample<'privacy-accept'>
  | Sample<'privacy-proof'>
)[] = [
  { name: 'privacy', page: 'privacy', data: { policy, isCurrent: true, others } },
  {
    name: 'privacy-earlier',
    page: 'privacy',
    data: {
      policy: { ...policy, version: '1', revisedOn: '2024-05-25' },
      isCurrent: false,
      others: [current, others[0]!],
    },
  },
  { name: 'privacy-none', page: 'privacy', data: { policy: null, isCurrent: false, others: [] } },
  { name: 'privacy-accept', page: 'privacy-accept', data: { policy, text, accepted: false, maskedEmail } },
  { name: 'privacy-accepted', page: 'privacy-accept', data: { policy, text, accepted: true, maskedEmail } },
  { name: 'privacy-proof', page: 'privacy-proof', data: { person, madeAt, isIntact: true, rows } },
  {
    name: 'privacy-proof-changed',
    page: 'privacy-proof',
    data: { person, madeAt, isIntact: false, rows: [{ ...row, isIntact: false }] },
  },
  {
    name: 'privacy-proof-none',
    page: 'privacy-proof',
    data: { person: { ...person, name: null }, madeAt, isIntact: true, rows: [] },
  },
];
