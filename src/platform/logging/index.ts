export { loggingModule, NestLogger, withoutPersonalData } from './logging.js';
