export { mayOpenInbox } from './inbox.guard.js';
export { InboxPersonalData } from './inbox.personal-data.js';
export { InboxModule } from './inbox.module.js';
export { startInboxSmtp } from './inbox.smtp.js';
export { INBOX_STORE } from './inbox.types.js';
export type { InboxMessage, InboxQuery, InboxStore, InboxSummary, NewInboxMessage } from './inbox.types.js';
