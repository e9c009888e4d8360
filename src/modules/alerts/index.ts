export { AlertWatch } from './alert-watch.js';
export { AlertsModule, AlertWatchModule } from './alerts.module.js';
export type { AlertFacts, MailFact, MailRef } from './alerts.types.js';
