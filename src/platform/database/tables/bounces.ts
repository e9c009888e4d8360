import type { Generated } from 'kysely';
import type { ReplyReason } from '../../../domain/index.js';
import type { SetByDatabase } from './platform.js';

export interface MailReportsTable {
  id: Generated<number>;
  at: SetByDatabase;
  source: string;
  kind: 'bounced' | 'complained' | 'unsubscribed';
  canonical: string;
  recipient_domain: string;
  bucket: string;
  delivery_id: number;
  life: Date | null;
  reason: ReplyReason;
  hard: boolean;
  status: string | null;
  reply: string | null;
  weight: number;
}

export interface BouncesTables {
  mail_reports: MailReportsTable;
}
