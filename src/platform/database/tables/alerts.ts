import type { Generated, JSONColumnType } from 'kysely';

export interface AlertsTable {
  id: string;
  kind: 'order_mail' | 'campaign' | 'webhook' | 'relay' | 'disk';
  subject: string;
  at: Date;
  message_id: string | null;
  delivery_id: number | null;
  campaign_id: string | null;
  data: JSONColumnType<Record<string, string | number | null>>;
  told_at: Date | null;
  told_in: string | null;
  over_at: Date | null;
}

export interface AlertCursorTable {
  only_one: Generated<boolean>;
  xid: string;
  id: number;
  mailed_at: Date | null;
}

export interface AlertsTables {
  alerts: AlertsTable;
  alert_cursor: AlertCursorTable;
}
