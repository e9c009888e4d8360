import { Injectable } from '@nestjs/common';
import { Pages, type RenderedPage } from '../../../platform/pages/index.js';
import type { Executor } from '../../../platform/database/index.js';
import { ConsentProofs, type ConsentProofRow } from '../../consent/index.js';
import { Senders } from '../../lists/index.js';
import type { Person } from '../../subscribers/index.js';

export interface ConsentProof {
  readonly person: Pick<Person, 'id' | 'address' | 'name'>;
  readonly madeAt: Date;
  readonly isIntact: boolean;
  readonly rows: readonly ConsentProofRow[];
}

/** The proof of one person's consent, as data and as a page that can be printed. */
@Injectable()
export class ConsentProofPages {
  constructor(
    private readonly proofs: ConsentProofs,
    private readonly senders: Senders,
    private readonly pages: Pages,
  ) {}

  async of(executor: Executor, { id, address, name }: Person): Promise<ConsentProof> {
    const rows = await this.proofs.of(executor, id);
    return {
      person: { id, address, name },
      madeAt: new Date(),
      isIntact: rows.every(({ isIntact }) => isIntact),
      rows,
    };
  }

  async page(executor: Executor, { rows, ...proof }: ConsentProof, locale: string): Promise<RenderedPage> {
    const data = { ...proof, rows: rows.map((row) => ({ ...row, list: row.list?.name ?? null })) };
    return this.pages.render('privacy-proof', data, { locale, brand: await this.senders.brandOf(executor) });
  }
}
