import type { Migration } from 'kysely/migration';
import * as platform from './0001-platform.js';
import * as peopleAndLists from './0002-people-and-lists.js';
import * as mail from './0003-mail.js';
import * as ordersAndInbox from './0004-orders-and-inbox.js';
import * as relays from './0005-relays.js';
import * as campaignReport from './0006-campaign-report.js';
import * as signUps from './0007-sign-ups.js';
import * as preferences from './0008-preferences.js';
import * as policies from './0009-policies.js';
import * as privacy from './0010-privacy.js';
import * as inbound from './0011-inbound.js';
import * as bounces from './0012-bounces.js';
import * as webhooks from './0013-webhooks.js';
import * as imports from './0014-imports.js';
import * as orderLife from './0015-order-life.js';
import * as providerEvents from './0016-provider-events.js';
import * as attachments from './0017-attachments.js';
import * as deliverability from './0018-deliverability.js';
import * as access from './0019-access.js';
import * as alerts from './0020-alerts.js';
import * as suppressionsByAddress from './0022-suppressions-by-address.js';

/** In this order, each once. A migration that has been released is never edited: expand in a new one, contract in a later one. */
export const migrations: Record<string, Migration> = {
  '0001-platform': platform,
  '0002-people-and-lists': peopleAndLists,
  '0003-mail': mail,
  '0004-orders-and-inbox': ordersAndInbox,
  '0005-relays': relays,
  '0006-campaign-report': campaignReport,
  '0007-sign-ups': signUps,
  '0008-preferences': preferences,
  '0009-policies': policies,
  '0010-privacy': privacy,
  '0011-inbound': inbound,
  '0012-bounces': bounces,
  '0013-webhooks': webhooks,
  '0014-imports': imports,
  '0015-order-life': orderLife,
  '0016-provider-events': providerEvents,
  '0017-attachments': attachments,
  '0018-deliverability': deliverability,
  '0019-access': access,
  '0020-alerts': alerts,
  '0022-suppressions-by-address': suppressionsByAddress,
};
