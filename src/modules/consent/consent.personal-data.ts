import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef } from '../../platform/personal-data/index.js';
import { ConsentProofs } from './consent-proofs.service.js';
import { ConsentRepository } from './consent.repository.js';

/**
 * The ledger, and what outlives an erasure: a keyed hash of the address. The hash cannot be turned back into an address and is asked
 * only by somebody who has the address already, so there is nothing of it to show or to remove.
 */
@Injectable()
export class ConsentPersonalData extends PersonalData {
  readonly tables = ['consent_ledger', 'erasure_hashes'];

  constructor(
    private readonly proofs: ConsentProofs,
    private readonly repository: ConsentRepository,
  ) {
    super();
  }

  async export(executor: Executor, { id }: PersonRef): Promise<Record<string, unknown>> {
    return { consent: await this.proofs.of(executor, id) };
  }

  /** Acts, words and hashes stay in their places; what ties them to the person goes. */
  async erase({ trx }: Work, { id }: PersonRef): Promise<void> {
    await this.repository.forget(trx, id);
  }
}
