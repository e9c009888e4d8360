export { MailEvents, type Taken } from './act/mail-events.service.js';
export { BouncesModule } from './bounces.module.js';
export type { MailEvent } from './mail-event.js';
