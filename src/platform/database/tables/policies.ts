import type { JSONColumnType } from 'kysely';
import type { SetByDatabase } from './platform.js';

export interface PoliciesTables {
  consent_seals: ConsentSealsTable;
  policy_acceptances: PolicyAcceptancesTable;
  policy_announcements: PolicyAnnouncementsTable;
  privacy_policies: PrivacyPoliciesTable;
}

interface PrivacyPoliciesTable {
  id: string;
  version: string;
  /** `YYYY-MM-DD`. */
  revised_on: string;
  /** Markdown by locale. */
  bodies: JSONColumnType<Record<string, string>>;
  published_at: SetByDatabase;
}

interface PolicyAcceptancesTable {
  policy_id: string;
  person_id: string;
  accepted_at: SetByDatabase;
}

interface PolicyAnnouncementsTable {
  id: string;
  policy_id: string;
  audience: 'subscribers' | 'everyone' | 'lists';
  list_ids: string[];
  acceptance: 'none' | 'asked';
  fill_after: string | null;
  filled_at: Date | null;
  created_at: SetByDatabase;
}

interface ConsentSealsTable {
  id: number;
  at: Date;
  /** Multiranges as PostgreSQL writes them: `{[1,4),[6,9)}`. */
  ids: string;
  row_count: number;
  top: number;
  awaited: string;
  unused: string;
  horizon: string;
  marks: Buffer;
  digest: Buffer;
  previous: Buffer;
  key_id: number;
  signature: Buffer;
}
