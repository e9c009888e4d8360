export { AccessModule } from './access.module.js';
export { ApiKeys } from './api-keys.service.js';
export { keysCommand } from './keys-command.js';
