export { AccessModule } from './access.module.js';
export { ApiKeys, type ApiKey } from './api-keys.service.js';
export { keysCommand, KeysUsageError } from './keys-command.js';
