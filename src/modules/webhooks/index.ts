import { AttemptsController } from './attempts.controller.js';
import { EndpointsController } from './endpoints.controller.js';

export type { StoredEvent } from './messages.repository.js';
export type { EventDetail, EventDetails } from './payload.js';
export { WebhooksModule, WebhooksSendingModule } from './webhooks.module.js';
export { WebhooksProcessor } from './webhooks.processor.js';

export const webhooksControllers = [EndpointsController, AttemptsController];
