import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { rangesOf, union, without, type IdRanges } from './id-ranges.js';
import { SEAL_ROWS, sealed, signedBytes, type Seal } from './seal.js';
import { SealsRepository } from './seals.repository.js';

/** The ledger has a seal a day even when nobody agreed to anything: its silence is signed too. */
const LONGEST_SILENCE_MS = 24 * 3_600_000;
const LAST_ID = Number.MAX_SAFE_INTEGER;

/**
 * A chain of signed digests over the ledger: each seal covers rows that were committed and in none before, and carries the signature
 * of the one before. Who can write to the database but does not have SECRET_KEY cannot change a row that is sealed without a trace.
 */
@Injectable()
export class LedgerSeals {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyRing,
    private readonly repository: SealsRepository,
  ) {}

  /** Seals everything that is committed. Every worker may ask, at the same time too. @returns the seals that were made */
  async sealAll(now = new Date()): Promise<Seal[]> {
    const made: Seal[] = [];
    while (await this.isDue(now)) {
      const seal = await this.sealNext(now);
      if (!seal) break;
      made.push(seal);
    }
    return made;
  }

  /** A look without a lock: most of the time there is nothing to do. */
  private async isDue(now: Date): Promise<boolean> {
    const last = await this.repository.last(this.db);
    return this.isSilent(last, now) || (await this.unsealed(this.db, last, 1)).length > 0;
  }

  private async sealNext(at: Date): Promise<Seal | undefined> {
    return this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        await this.repository.lock(trx);
        const last = await this.repository.last(trx);
        const rows = await this.unsealed(trx, last, SEAL_ROWS);
        if (rows.length === 0 && !this.isSilent(last, at)) return undefined;
        const seal = this.sign({
          id: (last?.id ?? 0) + 1,
          at,
          ...sealed(rows),
          ...gaps(
            last,
            rows.map(({ id }) => id),
            await this.repository.snapshot(trx),
          ),
          previous: last?.signature ?? Buffer.alloc(0),
        });
        await this.repository.insert(trx, seal);
        return seal;
      });
  }

  private isSilent(last: Seal | undefined, now: Date): boolean {
    return last === undefined || now.getTime() - last.at.getTime() >= LONGEST_SILENCE_MS;
  }

  private async unsealed(executor: Executor, last: Seal | undefined, limit: number) {
    const ids = union(last?.awaited ?? [], [[(last?.top ?? 0) + 1, LAST_ID]]);
    return this.repository.rowsIn(executor, ids, limit);
  }

  private sign(body: Omit<Seal, 'keyId' | 'signature'>): Seal {
    const { keyId, sign } = this.keys.signer('ledger');
    return { ...body, keyId, signature: sign(signedBytes({ ...body, keyId })) };
  }
}

/** What becomes of the ids that have no row: those that may yet come, and those that cannot any more. */
function gaps(
  last: Seal | undefined,
  ids: readonly number[],
  { oldest, next }: { oldest: bigint; next: bigint },
): Pick<Seal, 'top' | 'awaited' | 'unused' | 'horizon'> {
  const before = last?.top ?? 0;
  const newest = ids.at(-1) ?? 0;
  const top = Math.max(before, newest);
  const taken = rangesOf(ids);
  const still = without(last?.awaited ?? [], taken);
  // A full seal that ends below the old top has left rows behind that are there.
  const sawAll = ids.length < SEAL_ROWS || newest > before;
  const unused: IdRanges = sawAll && last && haveEnded(BigInt(last.horizon), { oldest, next }) ? still : [];
  const skipped = without([[before + 1, top + 1]], taken);
  return { top, awaited: union(without(still, unused), skipped), unused, horizon: String(next) };
}

/** Whether all transactions before `horizon` are over. In another cluster, where a dump was restored, numbers began anew: there they are. */
function haveEnded(horizon: bigint, { oldest, next }: { oldest: bigint; next: bigint }): boolean {
  return oldest >= horizon || next < horizon;
}
