import { orderEventExample } from '../../modules/orders/index.js';
import { address, at, ids, page, reply, type Examples } from './story.js';

const newEmail = {
  to: { email: address, name: 'Anna Lindqvist' },
  subject: 'Your new password link',
  html: '<p>Hello Anna,</p><p><a href="https://shop.example/reset/8f31">Choose a new password</a>. The link works for an hour.</p>',
  text: 'Hello Anna,\n\nchoose a new password: https://shop.example/reset/8f31\nThe link works for an hour.',
  tags: ['password'],
};
const summary = {
  id: ids.email,
  status: 'sent',
  stream: 'orders',
  subject: 'Your order 10482 at Juniper & Moss',
  to: [address],
  cc: [],
  bcc: [],
  tags: ['order.placed'],
  createdAt: at.accepted,
  scheduledAt: null,
};
const orderMail = {
  id: ids.email,
  subject: 'Your order 10482 at Juniper & Moss',
  state: 'sent',
  reply,
  createdAt: at.accepted,
  settledAt: at.sent,
  outcome: 'delivered',
};
/** An item that was refused, as in every answer to a batch. */
const refused = (field: string, message: string) => ({
  statusCode: 422,
  error: {
    statusCode: 422,
    name: 'validation_failed',
    message: `${field}: ${message}`,
    details: [{ field, message }],
  },
});

/** Single mails, orders and their mails. */
export const mail: Examples = {
  NewEmail: newEmail,
  AcceptedEmail: { id: ids.email, status: 'queued' },
  EmailBatch: {
    emails: [newEmail, { to: 'bea@example', subject: 'Your new password link', text: '…' }],
  },
  EmailBatchAnswer: {
    data: [{ statusCode: 202, id: ids.email, status: 'queued' }, refused('to', 'is not an email address')],
  },
  CancelledEmail: { id: ids.email, status: 'skipped', cancelled: 1 },
  ResentEmail: { id: ids.resend, status: 'queued', resendOf: ids.email },
  EmailSearch: { address, tag: 'order.placed', from: '2026-11-01T00:00:00Z', limit: 20 },
  EmailPage: page(summary),
  Email: {
    ...summary,
    resendOf: null,
    resends: [],
    deliveries: [
      {
        id: 90214,
        personId: ids.anna,
        address,
        role: 'to',
        state: 'sent',
        reason: null,
        outcome: 'delivered',
        tries: 1,
        dueAt: null,
        settledAt: at.sent,
        reply,
        attempts: [{ at: at.sent, relay: 'main', state: 'sent', replyCode: 250, reply }],
      },
    ],
    history: [
      { at: at.accepted, type: 'email.accepted', deliveryId: null, data: {} },
      { at: at.sent, type: 'email.sent', deliveryId: 90214, data: { reason: null, replyCode: 250 } },
      { at: '2026-11-22T09:41:09.000Z', type: 'email.delivered', deliveryId: 90214, data: {} },
    ],
  },
  OrderEventAnswer: { emailId: ids.email, status: 'queued' },
  OrderEventBatch: {
    events: [
      orderEventExample('order.placed'),
      { ...orderEventExample('order.shipped'), id: 'evt-10482-shipped-again' },
    ],
  },
  OrderEventBatchAnswer: {
    data: [
      { statusCode: 202, emailId: ids.email, status: 'queued' },
      { statusCode: 202, emailId: null, status: 'skipped', reason: 'duplicate' },
    ],
  },
  Order: {
    id: '10482',
    shop: 'default',
    number: '10482',
    state: 'placed',
    subscriberId: ids.anna,
    createdAt: at.accepted,
    updatedAt: at.accepted,
    events: [
      {
        id: 'evt-10482-placed',
        type: 'order.placed',
        source: 'api',
        part: null,
        occurredAt: at.placed,
        receivedAt: at.accepted,
        status: 'queued',
        reason: null,
        email: orderMail,
        resends: [
          {
            ...orderMail,
            id: ids.resend,
            state: 'queued',
            reply: null,
            createdAt: at.now,
            settledAt: null,
            outcome: null,
          },
        ],
      },
    ],
  },
  StoreHookAnswer: { events: 1 },
};
