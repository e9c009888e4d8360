export { Config, ConfigError, loadConfig, type Mailbox } from './config.js';
export { decodeKey, environmentSchema, secretNames } from './schema.js';
