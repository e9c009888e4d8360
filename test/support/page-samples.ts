import type { Brand, PageData, PublicPageData } from '../../src/platform/pages/index.js';
import { policySamples } from './policy-samples.js';

/** A page as it looks in one situation. */
export type PageSample = {
  [P in keyof PublicPageData]: { name: string; page: P; data: PublicPageData[P] };
}[keyof PublicPageData];

export const brand: Brand = {
  name: 'Fernweh & Sons',
  logoUrl: null,
  colour: '#b4441c',
  postalAddress: '12 Harbour Street\n20457 Hamburg, Germany',
  websiteUrl: 'https://fernweh.example/',
};

const letters = {
  slug: 'letters',
  name: 'The Sunday Letter',
  description: 'One long letter a month, about the things we make and the people who make them.',
  checked: true,
};
const sales = {
  slug: 'sales',
  name: 'Sales',
  description: 'Twice a year, when the warehouse is full.',
  checked: false,
};
const repairs = { slug: 'repairs', name: 'Repair evenings', description: null, checked: false };
const consentText =
  'I would like to receive the letters chosen above from Fernweh & Sons by email. ' +
  'I can end that at any time with the link at the foot of every letter.';
const blank = { values: { email: '', name: '' }, errors: {}, consentText, policy: null, started: 'opaque' };
const maskedEmail = 'a•••@example.com';

const pausedUntil = new Date('2027-02-20T09:00:00Z');
const unsubscribe = {
  list: 'The Sunday Letter',
  isOn: true,
  maskedEmail,
  preferencesUrl: '/preferences/opaque',
  reasons: ['too_many', 'not_relevant', 'not_expected', 'never_asked', 'other'],
  pauses: [30, 90],
  frequencies: [7, 30],
};
const unsubscribed = {
  list: 'The Sunday Letter',
  maskedEmail,
  subscribeUrl: '/subscribe',
  undo: 'opaque',
};
const staying = {
  list: 'The Sunday Letter',
  maskedEmail,
  pausedUntil: null,
  minDaysBetween: null,
  preferencesUrl: '/preferences/opaque',
};
const preferences = {
  saved: false,
  errors: {},
  isKnown: true,
  maskedEmail,
  lists: [
    { ...letters, frequency: 'all' as const },
    { ...repairs, frequency: 30 },
  ],
  others: [sales],
  pausedUntil: null,
  name: 'Ada Lovelace',
  languages: [
    { locale: 'en', chosen: true },
    { locale: 'de', chosen: false },
  ],
  pauses: [30, 90],
  frequencies: ['all' as const, 7, 30],
  tracking: false,
  linkPath: '/preferences/opaque/link',
};

export const samples: readonly PageSample[] = [
  { name: 'home', page: 'home', data: { operator: null } },
  { name: 'home-operator', page: 'home', data: { operator: { inboxUrl: '/inbox', docsUrl: '/docs' } } },
  { name: 'subscribe', page: 'subscribe', data: { ...blank, lists: [letters, sales, repairs] } },
  { name: 'subscribe-one-list', page: 'subscribe', data: { ...blank, lists: [letters] } },
  { name: 'subscribe-no-list', page: 'subscribe', data: { ...blank, lists: [] } },
  {
    name: 'subscribe-errors',
    page: 'subscribe',
    data: {
      ...blank,
      lists: [{ ...letters, checked: false }, sales, repairs],
      values: { email: 'ada@example', name: 'Ada <b>Lovelace</b>' },
      errors: { email: 'invalid', name: 'tooLong', lists: 'missing', form: 'expired' },
    },
  },
  {
    name: 'subscribe-policy',
    page: 'subscribe',
    data: { ...blank, lists: [letters, sales], policy: { revisedOn: '2026-11-02' } },
  },
  {
    name: 'check-your-inbox',
    page: 'check-your-inbox',
    data: { email: 'ada@example.com', inboxUrl: null, statusUrl: '/subscribe/status/opaque' },
  },
  {
    name: 'check-your-inbox-later',
    page: 'check-your-inbox',
    data: { email: null, inboxUrl: null, statusUrl: null },
  },
  {
    name: 'sign-up-refused',
    page: 'sign-up-refused',
    data: { domain: 'no-such-domain-anywhere.example', formUrl: '/subscribe?list=letters' },
  },
  {
    name: 'check-your-inbox-here',
    page: 'check-your-inbox',
    data: {
      email: 'a.very.long.address.that.goes.on.and.on@subdomain.of.some.example.com',
      inboxUrl: '/inbox',
      statusUrl: null,
    },
  },
  { name: 'confirm', page: 'confirm', data: { lists: [letters], maskedEmail, noneTicked: false } },
  {
    name: 'confirm-lists',
    page: 'confirm',
    data: { lists: [letters, repairs], maskedEmail, noneTicked: false },
  },
  {
    name: 'confirm-none-ticked',
    page: 'confirm',
    data: { lists: [letters, repairs], maskedEmail, noneTicked: true },
  },
  {
    name: 'confirm-expired',
    page: 'confirm-expired',
    data: { lists: ['The Sunday Letter', 'Repair evenings'], maskedEmail, againUrl: '/confirm/opaque/again' },
  },
  {
    name: 'confirmed',
    page: 'confirmed',
    data: { lists: ['The Sunday Letter', 'Repair evenings'], maskedEmail },
  },
  { name: 'unsubscribe', page: 'unsubscribe', data: unsubscribe },
  {
    name: 'unsubscribe-all',
    page: 'unsubscribe',
    data: { ...unsubscribe, list: null, isOn: false, preferencesUrl: null },
  },
  { name: 'unsubscribed', page: 'unsubscribed', data: unsubscribed },
  { name: 'unsubscribed-all', page: 'unsubscribed', data: { ...unsubscribed, list: null } },
  { name: 'unsubscribed-before', page: 'unsubscribed', data: { ...unsubscribed, undo: null } },
  { name: 'staying-paused', page: 'staying', data: { ...staying, change: 'pause', pausedUntil } },
  { name: 'staying-fewer', page: 'staying', data: { ...staying, change: 'fewer', minDaysBetween: 7 } },
  { name: 'staying-undone', page: 'staying', data: { ...staying, change: 'undone' } },
  { name: 'preferences', page: 'preferences', data: preferences },
  {
    name: 'preferences-saved',
    page: 'preferences',
    data: { ...preferences, saved: true, others: [sales, repairs], pausedUntil, tracking: true },
  },
  {
    name: 'preferences-error',
    page: 'preferences',
    data: { ...preferences, errors: { name: 'invalid' }, name: 'Ada <b>Lovelace</b>' },
  },
  { name: 'preferences-none', page: 'preferences', data: { ...preferences, saved: true, lists: [] } },
  {
    name: 'preferences-nobody',
    page: 'preferences',
    data: { ...preferences, isKnown: false, lists: [], others: [], maskedEmail: '•••' },
  },
  { name: 'ask-link', page: 'ask-link', data: { email: '', error: null } },
  { name: 'ask-link-error', page: 'ask-link', data: { email: 'ada@example', error: 'invalid' } },
  { name: 'link-sent', page: 'link-sent', data: { state: 'sent', email: maskedEmail } },
  { name: 'link-asked', page: 'link-sent', data: { state: 'asked', email: 'ada@example.com' } },
  { name: 'link-new-address', page: 'link-sent', data: { state: 'newAddress', email: 'ada@example.org' } },
  { name: 'link-too-many', page: 'link-sent', data: { state: 'tooMany', email: maskedEmail } },
  { name: 'change-address', page: 'change-address', data: { maskedEmail, email: '', error: null } },
  {
    name: 'change-address-error',
    page: 'change-address',
    data: { maskedEmail, email: 'ada@example.com', error: 'same' },
  },
  { name: 'new-address', page: 'new-address', data: { state: 'open', maskedEmail } },
  { name: 'new-address-done', page: 'new-address', data: { state: 'done', maskedEmail } },
  { name: 'new-address-taken', page: 'new-address', data: { state: 'taken', maskedEmail } },
  ...policySamples,
  {
    name: 'my-data',
    page: 'my-data',
    data: {
      token: 'opaque',
      maskedEmail,
      held: [
        { label: 'myData.kind.person', count: 1 },
        { label: 'myData.kind.subscriptions', count: 2 },
        { label: 'myData.kind.mails', count: 214 },
        { label: 'myData.kind.suppressions', count: 1 },
      ],
      history: [
        {
          at: new Date('2026-11-20T16:20:00Z'),
          act: 'left',
          list: 'Sales',
          text: null,
          policyVersion: null,
        },
        {
          at: new Date('2026-10-02T08:00:00Z'),
          act: 'confirmed',
          list: 'The Sunday Letter',
          text: consentText,
          policyVersion: '2026-10',
        },
      ],
    },
  },
  {
    name: 'my-data-nothing',
    page: 'my-data',
    data: { token: 'opaque', maskedEmail, held: [{ label: 'myData.kind.person', count: 1 }], history: [] },
  },
  { name: 'my-data-erase', page: 'my-data-erase', data: { token: 'opaque', maskedEmail } },
  { name: 'my-data-erased', page: 'my-data-erased', data: {} },
  { name: 'my-data-ended', page: 'my-data-ended', data: {} },
  { name: 'error-not-found', page: 'error', data: { kind: 'notFound', waitSeconds: null, requestId: null } },
  {
    name: 'error-bad-request',
    page: 'error',
    data: { kind: 'badRequest', waitSeconds: null, requestId: null },
  },
  { name: 'error-expired', page: 'error', data: { kind: 'expired', waitSeconds: null, requestId: null } },
  {
    name: 'error-too-many',
    page: 'error',
    data: { kind: 'tooManyRequests', waitSeconds: 40, requestId: null },
  },
  {
    name: 'error-too-many-minutes',
    page: 'error',
    data: { kind: 'tooManyRequests', waitSeconds: 601, requestId: null },
  },
  {
    name: 'error-server',
    page: 'error',
    data: { kind: 'serverError', waitSeconds: null, requestId: '019a8e7c-52f1-7cc4-9d35-0e6c7f1b2a3d' },
  },
  {
    name: 'error-unavailable',
    page: 'error',
    data: { kind: 'unavailable', waitSeconds: null, requestId: null },
  },
];

const signUpForm: PageData['docs/sign-up-form'] = {
  lists: [letters, sales, repairs],
  locales: [
    { tag: 'en', name: 'English', chosen: true },
    { tag: 'de', name: 'Deutsch', chosen: false },
  ],
  snippet:
    '<form data-postrider method="post" action="https://mail.fernweh.example/subscribe">\n  …\n</form>',
  publicUrl: 'https://mail.fernweh.example',
  hostedUrl: 'https://mail.fernweh.example/subscribe?list=letters',
};

/** For those who build the shop's website: these pages have a script, unlike the visitors' ones. */
export const docsSamples = [
  { name: 'docs-sign-up-form', page: 'docs/sign-up-form' as const, data: signUpForm },
  {
    name: 'docs-sign-up-form-nothing',
    page: 'docs/sign-up-form' as const,
    data: {
      ...signUpForm,
      lists: [{ ...letters, checked: false }, sales],
      snippet: null,
    },
  },
];
