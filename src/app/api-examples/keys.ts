import { at, ids, page, type Examples } from './story.js';

const key = {
  id: ids.key,
  name: 'shop',
  prefix: 'pr_7hQ2',
  scopes: ['orders', 'emails'],
  senders: ['default'],
  rate: { requests: 20, per: 'second' },
  allowIps: ['203.0.113.0/24'],
  createdAt: '2026-10-01T08:00:00.000Z',
  expiresAt: '2027-11-22T00:00:00.000Z',
  lastUsedAt: at.now,
  revokedAt: null,
};

export const revokedKey = { ...key, revokedAt: at.now };

/** API keys. */
export const keys: Examples = {
  ApiKey: key,
  ApiKeyPage: page(key),
  ApiKeyWithSecret: { ...key, lastUsedAt: null, secret: 'pr_7hQ2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
  ApiKeyDetail: {
    ...key,
    history: [
      {
        at: key.createdAt,
        by: 'command line',
        action: 'key.created',
        changes: { name: 'shop', scopes: key.scopes },
      },
      {
        at: at.accepted,
        by: ids.key,
        action: 'key.changed',
        changes: { rate: { from: null, to: key.rate } },
      },
    ],
  },
};
