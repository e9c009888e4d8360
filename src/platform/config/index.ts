export { relayProblem } from './checks.js';
export { configurationPage } from './documentation.js';
export { ConfigModule } from './config.module.js';
export { Config, ConfigError, loadConfig } from './config.js';
export { decodeKey } from './schema.js';
