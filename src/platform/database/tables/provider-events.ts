import type { Generated } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface ProviderRequestsTable {
  id: string;
  provider: string;
  received_at: SetByDatabase;
  sha256: Buffer;
  nonce: Buffer | null;
  body: Buffer;
  state: Generated<'waiting' | 'done' | 'failed' | 'ignored'>;
  tries: Generated<number>;
  due_at: SetByDatabase;
  pending: number[] | null;
  note: string | null;
  addresses: Generated<string[]>;
  settled_at: Date | null;
}

export interface ProviderEventsTables {
  provider_requests: ProviderRequestsTable;
}
