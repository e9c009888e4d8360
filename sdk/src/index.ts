export { Postrider } from './postrider.js';
export { PostriderError, type ErrorDetail } from './error.js';
export type { CallOptions, PostriderOptions } from './client.js';
export type { EmailToSend } from './calls/emails.js';
export type { OrderEventOf } from './calls/orders.js';
export type { TemplateVariables } from './templates.js';
export {
  verifyWebhook,
  type WebhookEvent,
  type WebhookEventType,
  type WebhookHeaders,
} from './verify-webhook.js';
export type * from './openapi.js';
