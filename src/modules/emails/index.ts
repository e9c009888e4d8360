import { EmailsController } from './emails.controller.js';

export { EmailsModule } from './emails.module.js';
export { Emails } from './emails.service.js';

export const emailsControllers = [EmailsController];
