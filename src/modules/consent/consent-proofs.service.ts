import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor } from '../../platform/database/index.js';
import { ConsentRepository } from './consent.repository.js';
import type { ConsentAct, ConsentRow } from './consent.types.js';
import { has, rangesOf } from './id-ranges.js';
import { verify } from './ledger-hash.js';
import { keptMarks, markOf, signedBytes, type Seal } from './seal.js';
import { SealsRepository } from './seals.repository.js';

/** One act of a person, as a proof shows it. */
export interface ConsentProofRow {
  readonly id: number;
  readonly at: Date;
  readonly act: ConsentAct;
  readonly list: { readonly slug: string; readonly name: string } | null;
  /** The exact words that the person saw. */
  readonly text: string | null;
  readonly textVersion: string | null;
  readonly policyVersion: string | null;
  /** Where it was said: a page's URL, "one-click", "api". */
  readonly source: string | null;
  /** Truncated to a /24 or /48. */
  readonly ip: string | null;
  readonly client: string | null;
  /** The mail that carried the link; its subject and time while it is kept. */
  readonly mail: {
    readonly id: string;
    readonly subject: string | null;
    readonly sentAt: Date | null;
  } | null;
  /** Whether it is as it was written: by its own hash, and by the seal where it has one. */
  readonly isIntact: boolean;
  /** The number of the seal that covers it; null while it is too young for one. */
  readonly seal: number | null;
}

/** Everything that one person agreed to or ended, in a form that others can read. */
@Injectable()
export class ConsentProofs {
  constructor(
    private readonly repository: ConsentRepository,
    private readonly seals: SealsRepository,
    private readonly keys: KeyRing,
  ) {}

  /** The oldest first; none for a person who was erased, since then nothing ties a row to them. */
  async of(executor: Executor, personId: string): Promise<ConsentProofRow[]> {
    const rows = await this.repository.ofPerson(executor, personId);
    if (rows.length === 0) return [];
    const lists = await this.repository.listNames(executor, rows);
    const mails = await this.repository.mails(executor, personId, rows);
    const seals = await this.seals.covering(executor, rangesOf(rows.map(({ id }) => id)));
    return rows.map((row) => {
      const seal = seals.find(({ ids }) => has(ids, row.id));
      const { text, textVersion, policyVersion, source, messageId } = row.facts;
      return {
        id: row.id,
        at: row.at,
        act: row.act,
        list: row.listId === null ? null : (lists.get(row.listId) ?? null),
        text: text ?? null,
        textVersion: textVersion ?? null,
        policyVersion: policyVersion ?? null,
        source: source ?? null,
        ip: row.personal?.ip ?? null,
        client: row.personal?.client ?? null,
        mail:
          messageId === undefined
            ? null
            : { id: messageId, subject: null, sentAt: null, ...mails.get(messageId) },
        isIntact: verify(row) !== 'changed' && (seal === undefined || this.holds(seal, row)),
        seal: seal?.id ?? null,
      };
    });
  }

  private holds(seal: Seal, row: ConsentRow): boolean {
    const signer = this.keys.signerOf('ledger', seal.keyId);
    if (!signer?.sign(signedBytes(seal)).equals(seal.signature)) return false;
    for (const [id, kept] of keptMarks(seal)) {
      if (id === row.id) return markOf(row).subarray(0, kept.length).equals(kept);
    }
    return false;
  }
}
