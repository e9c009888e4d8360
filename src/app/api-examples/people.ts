import { address, at, ids, page, type Examples } from './story.js';

const list = {
  id: ids.letters,
  slug: 'letters',
  name: 'The Workshop Letter',
  description: 'What came off the bench, once a month.',
  optIn: 'double',
  visibility: 'public',
  reminder: true,
  softBounceLimit: null,
  sender: 'default',
  archivedAt: null,
  createdAt: '2026-10-01T08:00:00.000Z',
  updatedAt: '2026-10-01T08:00:00.000Z',
};
const subscriber = {
  id: ids.anna,
  email: address,
  name: 'Anna Lindqvist',
  locale: 'en',
  timezone: 'Europe/Stockholm',
  attributes: { city: 'Stockholm', orders: 3, likes: ['walnut', 'linen'] },
  createdAt: at.asked,
  updatedAt: at.confirmed,
  subscriptions: [
    {
      id: ids.subscription,
      list: 'letters',
      status: 'confirmed',
      askedAt: at.asked,
      confirmedAt: at.confirmed,
      leftAt: null,
      source: 'https://shop.example/',
      refused: null,
    },
  ],
};
const consentText = 'Send me The Workshop Letter. I can leave at any time.';
const entry = {
  id: 4711,
  at: at.asked,
  act: 'asked',
  list: { slug: 'letters', name: 'The Workshop Letter' },
  text: consentText,
  textVersion: null,
  policyVersion: '2026-10',
  source: 'https://shop.example/',
  ip: '203.0.113.0',
  client: 'Firefox on Linux',
  mail: null,
  isIntact: true,
  seal: 31,
};
const entries = [
  entry,
  {
    ...entry,
    id: 4712,
    at: at.confirmed,
    act: 'confirmed',
    mail: { id: ids.resend, subject: 'Please confirm your subscription', sentAt: '2026-11-02T18:20:12.000Z' },
  },
];
const table = {
  groups: [
    { key: 'en', count: 812 },
    { key: 'de', count: 455 },
  ],
  other: 14,
};
const audience = {
  subscriptions: 1281,
  languages: table,
  sources: { groups: [{ key: 'shop.example/', count: 1236 }], other: 45 },
  months: {
    groups: [
      { key: '2026-10', count: 611 },
      { key: '2026-11', count: 670 },
    ],
    other: 0,
  },
};

/** Lists, subscribers and what they agreed to. */
export const people: Examples = {
  NewList: {
    slug: 'letters',
    name: 'The Workshop Letter',
    description: 'What came off the bench, once a month.',
    optIn: 'double',
    visibility: 'public',
    reminder: true,
  },
  List: list,
  ListPage: page(list),
  ListChange: { description: 'What came off the bench, twice a month.', reminder: false },
  NewSubscription: {
    email: address,
    name: 'Anna Lindqvist',
    locale: 'en',
    lists: ['letters'],
    attributes: { city: 'Stockholm' },
    consent: { text: consentText, source: 'https://shop.example/', ip: '203.0.113.7' },
  },
  Subscriptions: {
    subscriberId: ids.anna,
    subscriptions: [{ id: ids.subscription, list: 'letters', status: 'pending' }],
  },
  ResentConfirmation: { id: ids.subscription, status: 'pending' },
  SubscriberSearch: { list: 'letters', status: 'confirmed', limit: 50 },
  Subscriber: subscriber,
  SubscriberPage: page(subscriber),
  SubscriberChange: { locale: 'de', attributes: { city: 'Berlin' } },
  PersonalExport: {
    exportedAt: at.now,
    data: {
      person: { address, name: 'Anna Lindqvist', locale: 'en' },
      consent: entries,
      mails: [
        {
          kind: 'orders',
          subject: 'Your order 10482 at Juniper & Moss',
          state: 'sent',
          createdAt: at.accepted,
        },
      ],
    },
  },
  ConsentProof: {
    person: { id: ids.anna, address, name: 'Anna Lindqvist' },
    madeAt: at.now,
    isIntact: true,
    entries,
  },
  AudienceReport: {
    smallestGroup: 10,
    lists: [{ list: 'letters', name: 'The Workshop Letter', asOf: '2026-11-20', published: audience }],
    all: audience,
  },
};
