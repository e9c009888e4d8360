import type { Generated } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface SignUpsTable {
  id: string;
  content: Buffer | null;
  address_hash: Buffer;
  state: Generated<'waiting' | 'done' | 'refused'>;
  reason: Generated<string | null>;
  created_at: SetByDatabase;
  settled_at: Generated<Date | null>;
}

export interface SignUpsTables {
  sign_ups: SignUpsTable;
}
