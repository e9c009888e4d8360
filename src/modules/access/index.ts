import { KeysController } from './keys.controller.js';

export { AccessModule } from './access.module.js';
export { ApiKeys } from './api-keys.service.js';
export { keysCommand } from './keys-command.js';
export const keysControllers = [KeysController];
