import type { Generated } from 'kysely';
import type { Stream } from '../../../domain/index.js';
import type { SetByDatabase } from './platform.js';

export interface RelaysTable {
  id: string;
  name: string;
  url: Buffer;
  streams: Stream[];
  priority: number;
  connections: number | null;
  per_second: number | null;
  per_hour: number | null;
  per_day: number | null;
  signing: 'ours' | 'relay';
  envelope: 'verp' | 'fixed';
  enabled: Generated<boolean>;
  last_problem: string | null;
  last_problem_at: Date | null;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

export interface RelayCircuitsTable {
  relay: string;
  process: string;
  open_since: SetByDatabase;
  seen_at: SetByDatabase;
}

export interface ConnectionLeasesTable {
  relay: string;
  process: string;
  bulk_only: boolean;
  connections: number;
  expires_at: Date;
}

export interface DomainCapsTable {
  domain: string;
  per_second: number;
  created_at: SetByDatabase;
  updated_at: SetByDatabase;
}

export interface QuotaWindowsTable {
  subject: string;
  span: 'second' | 'hour' | 'day';
  ends_at: SetByDatabase;
  used: Generated<number>;
  bulk: Generated<number>;
  line: SetByDatabase;
  bulk_line: SetByDatabase;
}

export interface SlowDownsTable {
  subject: string;
  per_second: number;
  ceiling: number;
  slowed_at: SetByDatabase;
  reason: string;
}
