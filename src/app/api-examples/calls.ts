import { orderEventTypes } from '../../domain/index.js';
import { orderEventExample } from '../../modules/orders/index.js';
import { campaign, draft } from './campaigns.js';
import { revokedKey } from './keys.js';
import { cancelledImport, released } from './running.js';
import { at, ids } from './story.js';

interface CallExamples {
  readonly request?: unknown;
  /** Several, by name. */
  readonly requests?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly answer?: unknown;
}

/** What one call says and is answered, where its schema is another call's too, or has no name. */
export const calls: Readonly<Record<string, CallExamples>> = {
  'POST /v1/order-events': {
    requests: Object.fromEntries(orderEventTypes.map((type) => [type, { value: orderEventExample(type) }])),
  },
  'POST /v1/campaigns': { answer: draft },
  'PATCH /v1/campaigns/{id}': { answer: { ...draft, subject: 'Eleven days to a bowl', retryHours: 24 } },
  'POST /v1/campaigns/{id}/schedule': {
    answer: { ...draft, state: 'scheduled', scheduledAt: '2026-11-29T08:00:00.000Z' },
  },
  'POST /v1/campaigns/{id}/pause': { answer: { ...campaign, state: 'paused', stateReason: 'asked' } },
  'POST /v1/campaigns/{id}/cancel': {
    answer: { ...campaign, state: 'cancelled', stateReason: 'asked', finishedAt: at.now },
  },
  'DELETE /v1/keys/{id}': { answer: revokedKey },
  'POST /v1/suppressions/{id}/release': { answer: released },
  'POST /v1/suppressions/import': {
    request: 'address,scope,reason\ncarl@example.com,all,hard_bounce\n',
  },
  'GET /v1/suppressions/export': {
    answer:
      'address,scope,list,reason,evidence,createdAt,releasedAt,releaseNote\r\ncarl@example.com,all,,manual,Asked for it by telephone on 22 November.,2026-11-22T10:15:00.000Z,,\r\n',
  },
  'GET /v1/subscribers/export': {
    answer:
      'email,name,locale,timezone,list,status,asked at,confirmed at,left at,source\r\nanna@example.com,Anna Lindqvist,en,Europe/Stockholm,letters,confirmed,2026-11-02T18:20:11.000Z,2026-11-02T18:21:40.000Z,,https://shop.example/\r\n',
  },
  'POST /v1/imports': {
    request: 'Email Address,First Name,City\nanna@example.com,Anna,Stockholm\nbea@example.com,Bea,Berlin\n',
  },
  'POST /v1/imports/{id}/cancel': { answer: cancelledImport },
  'GET /v1/imports/{id}/errors.csv': {
    answer: 'row,column,problem\r\n17,Email Address,is not an email address\r\n',
  },
  'POST /v1/mail-events/replay': { request: { ids: [ids.request] } },
  'POST /hooks/store/{platform}': {
    request: {
      id: 'evt_1SJ7',
      object: 'event',
      type: 'payment_intent.succeeded',
      created: 1795340460,
      data: {
        object: {
          id: 'pi_3SJ7',
          object: 'payment_intent',
          amount: 13940,
          currency: 'eur',
          metadata: { order_id: '10482' },
        },
      },
    },
  },
  'POST /hooks/mail/{provider}': {
    request: {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      Email: 'carl@example.com',
      MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
      BouncedAt: '2026-11-22T10:15:00Z',
    },
  },
};

/** What stands in a path, by the name of the parameter. */
export const pathValues: Readonly<Record<string, string>> = {
  slug: 'letters',
  version: '2026-11',
  revision: ids.template,
  domain: 'example.com',
  attemptId: ids.attempt,
  platform: 'stripe',
  provider: 'postmark',
  '/v1/orders/{id}': '10482',
  '/v1/keys/{id}': ids.key,
  '/v1/relays/{name}': 'main',
  '/v1/templates/{name}': 'voucher',
  '/v1/emails/{id}': ids.email,
  '/v1/campaigns/{id}': ids.campaign,
  '/v1/subscribers/{id}': ids.anna,
  '/v1/subscriptions/{id}': ids.subscription,
  '/v1/suppressions/{id}': ids.suppression,
  '/v1/imports/{id}': ids.import,
  '/v1/webhook-endpoints/{id}': ids.endpoint,
};
