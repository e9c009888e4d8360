export { loggingModule, withoutPersonalData } from './logging.js';
