import type * as mail from './mail.js';
import type * as people from './people.js';
import type * as platform from './platform.js';
import type * as relays from './relays.js';
import type { AlertsTables } from './alerts.js';
import type { AttachmentsTables } from './attachments.js';
import type { BouncesTables } from './bounces.js';
import type { DeliverabilityTables } from './deliverability.js';
import type { ImportsTables } from './imports.js';
import type { InboundTables } from './inbound.js';
import type { OrdersTables } from './orders.js';
import type { PoliciesTables } from './policies.js';
import type { PreferencesTables } from './preferences.js';
import type { PrivacyTables } from './privacy.js';
import type { ProviderEventsTables } from './provider-events.js';
import type { SignUpsTables } from './sign-ups.js';
import type { WebhooksTables } from './webhooks.js';

export type { SubscriptionStatus } from './people.js';

/** Every table, as the migrations leave it. A module's repository uses the tables of its own module. */
export interface Tables
  extends
    AlertsTables,
    AttachmentsTables,
    SignUpsTables,
    PreferencesTables,
    PoliciesTables,
    PrivacyTables,
    InboundTables,
    BouncesTables,
    DeliverabilityTables,
    ProviderEventsTables,
    WebhooksTables,
    ImportsTables,
    OrdersTables {
  api_keys: platform.ApiKeysTable;
  audit_log: platform.AuditLogTable;
  batches: mail.BatchesTable;
  brands: people.BrandsTable;
  campaign_counts: mail.CampaignCountsTable;
  campaign_lists: mail.CampaignListsTable;
  campaigns: mail.CampaignsTable;
  compiled_templates: mail.CompiledTemplatesTable;
  connection_leases: relays.ConnectionLeasesTable;
  consent_ledger: people.ConsentLedgerTable;
  deliveries: mail.DeliveriesTable;
  dkim_keys: mail.DkimKeysTable;
  domain_caps: relays.DomainCapsTable;
  erasure_hashes: people.ErasureHashesTable;
  events: platform.EventsTable;
  idempotency_keys: platform.IdempotencyKeysTable;
  inbox_messages: platform.InboxMessagesTable;
  keys: platform.KeysTable;
  lists: people.ListsTable;
  messages: mail.MessagesTable;
  opt_in_requests: people.OptInRequestsTable;
  people: people.PeopleTable;
  process_metrics: platform.ProcessMetricsTable;
  quota_windows: relays.QuotaWindowsTable;
  rate_limits: platform.RateLimitsTable;
  relay_circuits: relays.RelayCircuitsTable;
  relays: relays.RelaysTable;
  senders: people.SendersTable;
  slow_downs: relays.SlowDownsTable;
  subscriptions: people.SubscriptionsTable;
  suppressions: people.SuppressionsTable;
  template_revisions: mail.TemplateRevisionsTable;
  templates: mail.TemplatesTable;
}
