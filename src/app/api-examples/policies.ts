import { at, counts, ids, type Examples } from './story.js';

const head = {
  version: '2026-11',
  revisedOn: '2026-11-15',
  publishedAt: '2026-11-15T09:00:00.000Z',
  current: true,
  locales: ['en', 'de'],
  url: 'https://mail.shop.example/privacy/2026-11',
};
const body = {
  en: '# Privacy\n\nWe keep your address for as long as you read our letter.',
  de: '# Datenschutz\n\nWir speichern Ihre Adresse, solange Sie unseren Brief lesen.',
};

/** Versions of the privacy policy, and word of them. */
export const policies: Examples = {
  NewPrivacyPolicy: { version: head.version, revisedOn: head.revisedOn, body },
  PrivacyPolicy: { ...head, body },
  PrivacyPolicyList: { data: [head] },
  PolicyAnnouncementRequest: {
    audience: 'subscribers',
    acceptance: 'none',
    message: { en: 'We now say how long we keep what.', de: 'Wir sagen jetzt, was wir wie lange speichern.' },
  },
  PolicyAnnouncement: {
    id: ids.announcement,
    version: head.version,
    state: 'sending',
    pauseReason: null,
    audience: 'subscribers',
    acceptance: 'none',
    createdAt: at.accepted,
    complete: true,
    counts: counts({ sent: 812, queued: 469 }),
    accepted: 0,
  },
};
