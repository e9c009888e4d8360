import type { JSONColumnType } from 'kysely';

/** What retention did last with one kind of record. */
export interface RetentionRunsTable {
  kind: string;
  ran_at: Date;
  removed: number;
}

/** What the audience report says of a list. */
export interface AudienceReleasesTable {
  list_id: string;
  taken_at: Date;
  published: JSONColumnType<object>;
}

export interface PrivacyTables {
  retention_runs: RetentionRunsTable;
  audience_releases: AudienceReleasesTable;
}
