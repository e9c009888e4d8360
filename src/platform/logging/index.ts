export { loggingModule, NestLogger } from './logging.js';
