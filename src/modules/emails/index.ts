import { EmailsController } from './emails.controller.js';

export { EmailsModule } from './emails.module.js';

export const emailsControllers = [EmailsController];
