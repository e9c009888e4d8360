import type { Generated, JSONColumnType } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface ImportRow {
  id: string;
  state: 'uploading' | 'waiting' | 'running' | 'finished' | 'failed' | 'cancelled';
  settings: JSONColumnType<object>;
  octets: Generated<number>;
  position: Generated<number>;
  octets_done: Generated<number>;
  counts: JSONColumnType<object>;
  problem: string | null;
  lease: string | null;
  leased_until: Date | null;
  created_at: SetByDatabase;
  started_at: Date | null;
  finished_at: Date | null;
}

interface ImportChunkRow {
  import_id: string;
  number: number;
  /** Sealed as "content". */
  sealed: Buffer;
}

interface ImportErrorRow {
  import_id: string;
  row_number: number;
  column_name: string;
  problem: string;
}

/** Tables of the migration "imports". */
export interface ImportsTables {
  imports: ImportRow;
  import_chunks: ImportChunkRow;
  import_errors: ImportErrorRow;
}
