import type { Generated } from 'kysely';
import type { Stream } from '../../../domain/index.js';

export interface DeliverabilityDaysTable {
  /** `YYYY-MM-DD`, UTC: when the mail was handed over. */
  day: string;
  stream: Stream;
  campaign_id: string | null;
  recipient_domain: string;
  sent: number;
  confirmed: number;
  deferred: number;
  hard: number;
  soft: number;
  blocked: number;
  returned: number;
  complaints: number;
}

export interface DeliverabilityCursorTable {
  only_one: Generated<boolean>;
  xid: string;
  id: number;
  read_at: Date;
}

export interface DeliverabilityTables {
  deliverability_days: DeliverabilityDaysTable;
  deliverability_cursor: DeliverabilityCursorTable;
}
