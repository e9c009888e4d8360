import type { Generated, JSONColumnType } from 'kysely';
import type { BlastNumbers, CampaignState, DeliveryState, Stream } from '../../../domain/index.js';
import type { SetByDatabase } from './platform.js';

export interface TemplatesTable {
  id: string;
  name: string;
  kind: 'builtin' | 'own';
  created_at: SetByDatabase;
  live_revision_id: string | null;
  file_checksum: string | null;
}

export interface TemplateRevisionsTable {
  id: string;
  template_id: string | null;
  checksum: string;
  source: JSONColumnType<object>;
  created_at: SetByDatabase;
  published_at: Date | null;
  origin: Generated<'shipped' | 'file' | 'api'>;
  sample: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
}

export interface CompiledTemplatesTable {
  revision_id: string;
  locale: string;
  compiled: JSONColumnType<object>;
  compiled_at: SetByDatabase;
}

export interface CampaignsTable {
  id: string;
  name: string;
  subject: string;
  preheader: string | null;
  mjml: string | null;
  content: string | null;
  sender_id: string;
  state: Generated<CampaignState>;
  state_reason: string | null;
  scheduled_at: Date | null;
  started_at: Date | null;
  frozen_at: Date | null;
  finished_at: Date | null;
  freeze_position: Generated<number>;
  freeze_after: string | null;
  retry_hours: number | null;
  resend: JSONColumnType<ResendColumn | null, string | null, string | null>;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

/** Which of a campaign's deliveries go out once more, and how far that is. */
export interface ResendColumn {
  readonly states: ('failed' | 'unknown')[];
  readonly reasons: string[] | null;
  readonly domain: string | null;
  /** What was settled after this moment is not meant; with the microseconds of the database. */
  readonly before: string;
  /** The last person whose delivery has been looked at. */
  readonly after: string | null;
}

export interface CampaignListsTable {
  campaign_id: string;
  position: number;
  list_id: string;
}

export interface BatchesTable {
  id: string;
  bucket: string;
  sender_id: string;
  revision_id: string;
  name: string;
  state: Generated<'open' | 'paused' | 'stopped' | 'finished'>;
  complete: Generated<boolean>;
  last_turn_at: SetByDatabase;
  retry_hours: number | null;
  pause_reason: string | null;
  forgiven: JSONColumnType<BlastNumbers | null, string | null, string | null>;
  kind: Generated<'campaign' | 'notice'>;
  variables: JSONColumnType<Record<string, unknown> | null, string | null, never>;
  created_at: SetByDatabase;
  finished_at: Date | null;
}

export interface CampaignCountsTable extends Record<DeliveryState, Generated<number>> {
  campaign_id: string;
  slot: number;
}

export interface MessagesTable {
  bucket: string;
  id: string;
  stream: Stream;
  sender_id: string;
  revision_id: string | null;
  locale: string;
  subject: string | null;
  content: Buffer | null;
  automatic: boolean;
  tags: Generated<string[]>;
  scheduled_at: Date | null;
  created_at: SetByDatabase;
  /** The mail that this one repeats. */
  resend_of: string | null;
}

export interface DeliveriesTable {
  bucket: string;
  id: Generated<number>;
  stream: Stream;
  campaign_id: string | null;
  message_id: string | null;
  person_id: string;
  via_list_id: string | null;
  role: Generated<'to' | 'cc' | 'bcc'>;
  address: string;
  recipient_domain: string;
  state: Generated<DeliveryState>;
  reason: string | null;
  outcome: 'delivered' | 'bounced' | 'complained' | null;
  tries: Generated<number>;
  due_at: SetByDatabase;
  lease_token: string | null;
  lease_until: Date | null;
  relay: string | null;
  relay_id: string | null;
  reply_code: number | null;
  reply: string | null;
  created_at: SetByDatabase;
  requeued_at: Date | null;
  settled_at: Date | null;
}

export interface DkimKeysTable {
  id: string;
  domain: string;
  selector: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  private_key: Buffer;
  created_at: SetByDatabase;
  retired_at: Date | null;
}
