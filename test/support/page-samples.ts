import type { Brand, PublicPageData } from '../../src/platform/pages/index.js';

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
const blank = { values: { email: '', name: '' }, errors: {}, consentText, started: 'opaque' };
const maskedEmail = 'a•••@example.com';

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
  { name: 'check-your-inbox', page: 'check-your-inbox', data: { email: 'ada@example.com', inboxUrl: null } },
  {
    name: 'check-your-inbox-here',
    page: 'check-your-inbox',
    data: {
      email: 'a.very.long.address.that.goes.on.and.on@subdomain.of.some.example.com',
      inboxUrl: '/inbox',
    },
  },
  { name: 'confirm', page: 'confirm', data: { lists: ['The Sunday Letter'], maskedEmail } },
  {
    name: 'confirm-lists',
    page: 'confirm',
    data: { lists: ['The Sunday Letter', 'Repair evenings'], maskedEmail },
  },
  {
    name: 'confirmed',
    page: 'confirmed',
    data: { lists: ['The Sunday Letter', 'Repair evenings'], maskedEmail },
  },
  { name: 'unsubscribe', page: 'unsubscribe', data: { list: 'The Sunday Letter', maskedEmail } },
  { name: 'unsubscribe-all', page: 'unsubscribe', data: { list: null, maskedEmail } },
  {
    name: 'unsubscribed',
    page: 'unsubscribed',
    data: { list: 'The Sunday Letter', maskedEmail, subscribeUrl: '/subscribe' },
  },
  {
    name: 'unsubscribed-all',
    page: 'unsubscribed',
    data: { list: null, maskedEmail, subscribeUrl: '/subscribe' },
  },
  {
    name: 'preferences',
    page: 'preferences',
    data: { lists: [letters, repairs], maskedEmail, saved: false },
  },
  { name: 'preferences-saved', page: 'preferences', data: { lists: [letters], maskedEmail, saved: true } },
  { name: 'preferences-none', page: 'preferences', data: { lists: [], maskedEmail, saved: true } },
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
