import { Injectable } from '@nestjs/common';
import type { Executor } from '../../../platform/database/index.js';
import { PersonalData, type PersonRef } from '../../../platform/personal-data/index.js';

/** Who agreed to which policy. After an erasure the row counts on, with the id of nobody; the words that were shown are in the ledger. */
@Injectable()
export class PoliciesPersonalData extends PersonalData {
  readonly tables = ['policy_acceptances'];

  async export(executor: Executor, { id }: PersonRef): Promise<Record<string, unknown>> {
    const acceptedPolicies = await executor
      .selectFrom('policy_acceptances as a')
      .innerJoin('privacy_policies as p', 'p.id', 'a.policy_id')
      .select(['p.version', 'p.revised_on as revisedOn', 'a.accepted_at as acceptedAt'])
      .where('a.person_id', '=', id)
      .orderBy('a.accepted_at')
      .execute();
    return { acceptedPolicies };
  }

  async erase(): Promise<void> {
    // An id that no longer leads to a person is all that a row has of one.
  }
}
