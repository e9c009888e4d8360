export { BouncesModule } from './bounces.module.js';
export { mailHookControllers } from './hooks/index.js';
export { mailEventsCommand } from './hooks/mail-events-command.js';
export { MailEventsProcessor } from './hooks/mail-events.processor.js';
export { ProviderRequestsModule } from './hooks/provider-requests.module.js';
export { ProviderRequestsRepository } from './hooks/provider-requests.repository.js';
export type { MailEvent } from './mail-event.js';
