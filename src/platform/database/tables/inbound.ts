import type { Generated } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface InboundMailsTable {
  id: string;
  received_at: SetByDatabase;
  sha256: Buffer;
  sender: string;
  recipient: string;
  route: string;
  network: string | null;
  size: number;
  raw: Buffer;
  state: Generated<'waiting' | 'done' | 'failed' | 'ignored'>;
  tries: Generated<number>;
  due_at: SetByDatabase;
  reason: string | null;
  person_id: string | null;
  settled_at: Date | null;
}

export interface InboundTables {
  inbound_mails: InboundMailsTable;
}
