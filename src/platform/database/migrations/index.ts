import type { Migration } from 'kysely/migration';
import * as platform from './0001-platform.js';
import * as peopleAndLists from './0002-people-and-lists.js';
import * as mail from './0003-mail.js';
import * as ordersAndInbox from './0004-orders-and-inbox.js';
import * as relays from './0005-relays.js';
import * as campaignReport from './0006-campaign-report.js';

/** In this order, each once. A migration that has been released is never edited: expand in a new one, contract in a later one. */
export const migrations: Record<string, Migration> = {
  '0001-platform': platform,
  '0002-people-and-lists': peopleAndLists,
  '0003-mail': mail,
  '0004-orders-and-inbox': ordersAndInbox,
  '0005-relays': relays,
  '0006-campaign-report': campaignReport,
};
