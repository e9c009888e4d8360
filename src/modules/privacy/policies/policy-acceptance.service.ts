import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Work } from '../../../platform/database/index.js';
import { appendEvents } from '../../../platform/events/index.js';
import { ConsentLedger, type ConsentProof, type PolicyHead } from '../../consent/index.js';
import { People } from '../../subscribers/index.js';

/** Who agreed to a version of the policy: said by pressing a button, never taken from silence. */
@Injectable()
export class PolicyAcceptance {
  constructor(
    private readonly people: People,
    private readonly ledger: ConsentLedger,
  ) {}

  /**
   * Once for each person and version; a second time changes nothing, and neither does a person who was erased.
   * @param proof the words beside the button, and where they stood
   */
  async accept(work: Work, personId: string, policy: PolicyHead, proof: ConsentProof): Promise<void> {
    const { trx } = work;
    const person = await this.people.lock(trx, personId);
    if (!person || person.canonical === null) return;
    const { rows } = await sql`
      INSERT INTO policy_acceptances (policy_id, person_id) VALUES (${policy.id}, ${personId})
      ON CONFLICT DO NOTHING RETURNING policy_id`.execute(trx);
    if (rows.length === 0) return;
    const { version } = policy;
    await this.ledger.record(trx, {
      ...proof,
      act: 'changed',
      personId,
      listId: null,
      policyVersion: version,
    });
    await appendEvents(trx, [{ type: 'policy.accepted', personId, data: { version } }]);
  }
}
