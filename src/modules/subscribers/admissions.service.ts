import { Injectable } from '@nestjs/common';
import type { CopyWork } from '../../platform/database/index.js';
import { ErasureHashes } from '../consent/index.js';
import { AdmissionsRepository } from './admissions.repository.js';
import type { Admitted, AdmissionTerms, Candidate, Reason } from './admissions.types.js';

/**
 * People by the thousand, confirmed on lists at once: for an import, which brings its own proof of consent. It never brings anybody
 * back: who has left a list stays off it, who has left all they were on stays off all, and an erased address stays out.
 */
@Injectable()
export class Admissions {
  constructor(
    private readonly repository: AdmissionsRepository,
    private readonly erasures: ErasureHashes,
  ) {}

  /**
   * All of them in the caller's transaction (read committed). Ledger and events are the caller's to write, for those who joined.
   * @param candidates no canonical address twice
   */
  async admit(work: CopyWork, candidates: readonly Candidate[], terms: AdmissionTerms): Promise<Admitted> {
    const { trx } = work;
    await this.repository.stage(work, candidates);
    // The order is what keeps out somebody who is erased at this moment. From here on each candidate's row is ours or locked, or the
    // erasure is over; so whether the address was erased is asked after, and no answer can be too old.
    const others = await this.repository.claimPeople(trx, candidates.length);
    const erased = await this.erasures.among(
      trx,
      candidates.map(({ address }) => address.canonical),
    );
    await this.repository.turnAway(trx, [...erased], 'erased');
    if (others > 0) await this.repository.turnAwayLeavers(trx, terms.listIds);
    const joined = await this.repository.join(trx, terms);
    const changed = others > 0 ? await this.repository.describe(trx, terms.wins) : [];
    const known = others + erased.size > 0 ? await this.repository.known(trx) : [];
    return {
      joined,
      changed: new Set(changed),
      turnedAway: new Map(
        known.flatMap(({ id, reason }): [string, Reason][] => (reason ? [[id, reason]] : [])),
      ),
      people: new Map(known.map(({ id, personId }) => [id, personId])),
    };
  }
}
