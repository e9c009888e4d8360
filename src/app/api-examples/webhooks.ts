import { at, ids, page, type Examples } from './story.js';

const endpoint = {
  id: ids.endpoint,
  url: 'https://shop.example/hooks/mail',
  description: 'The shop',
  events: ['email.failed', 'email.bounced'],
  enabled: true,
  disabledReason: null,
  disabledAt: null,
  failingSince: null,
  restingUntil: null,
  lastSuccessAt: at.sent,
  oldSecretUntil: null,
  replaying: false,
  createdAt: '2026-10-01T08:00:00.000Z',
  updatedAt: '2026-10-01T08:00:00.000Z',
};
const messageId = `msg_${ids.attempt}`;

/** Outgoing webhooks. */
export const webhooks: Examples = {
  WebhookEndpoint: endpoint,
  WebhookEndpointPage: page(endpoint),
  WebhookEndpointDetail: { ...endpoint, waiting: 0, failed: 0 },
  WebhookEndpointWithSecret: {
    ...endpoint,
    lastSuccessAt: null,
    // Of the Standard Webhooks document, where everybody can read it.
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
  WebhookAttemptPage: page({
    id: ids.attempt,
    messageId,
    type: 'email.bounced',
    try: 1,
    at: at.now,
    delivered: true,
    durationMs: 84,
    statusCode: 204,
    answer: '',
    error: null,
  }),
  WebhookQueued: { messageId },
  WebhookReplayQueued: { status: 'queued' },
};
