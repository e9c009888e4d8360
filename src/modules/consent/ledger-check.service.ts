import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { ConsentRow } from './consent.types.js';
import { has, union, without, type IdRanges } from './id-ranges.js';
import { verify } from './ledger-hash.js';
import {
  digestOf,
  isWellFormed,
  keptMarks,
  markOf,
  MARK_BYTES,
  SEAL_ROWS,
  signedBytes,
  type Seal,
} from './seal.js';
import { SealsRepository } from './seals.repository.js';

/** Seals that are read at once; with the rows of one full seal they are what a check holds in memory. */
const SEALS_AT_ONCE = 100;
/** The least that the column holds, and not the first that its sequence gives: whoever slips a row in chooses its id. */
const FIRST_ID = -(2 ** 63);
const LAST_ID = Number.MAX_SAFE_INTEGER;

/** Something in the ledger is not as it was written. */
export interface LedgerProblem {
  readonly what: 'row' | 'seal';
  readonly id: number;
  readonly problem: string;
}

/** The last seal, to be kept where nobody who can write to the database can change it. */
export interface LedgerHead {
  readonly id: number;
  /** Hex. */
  readonly signature: string;
}

export interface LedgerVerdict {
  readonly rows: number;
  readonly seals: number;
  /** Rows that no seal covers yet; they were checked by their own hash. */
  readonly unsealed: number;
  readonly problems: number;
  readonly head: LedgerHead | null;
}

/** One walk over all seals and all rows. */
interface Walk {
  readonly executor: Executor;
  readonly report: (problem: LedgerProblem) => void;
  rows: number;
  seals: number;
  unsealed: number;
  problems: number;
  last: Seal | undefined;
  chainBroken: boolean;
  covered: IdRanges;
  unused: IdRanges;
}

/** Reads the whole ledger again, in pieces, and says what is not as it was written. */
@Injectable()
export class LedgerCheck {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyRing,
    private readonly repository: SealsRepository,
  ) {}

  /**
   * One snapshot of the database, so that what is recorded meanwhile confuses nobody.
   * @param report is told each problem as it is found
   * @param known the head that an earlier check printed: it must still be in the chain
   */
  async run(report: (problem: LedgerProblem) => void, known?: LedgerHead): Promise<LedgerVerdict> {
    return this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (executor) => {
        const walk: Walk = {
          executor,
          report,
          rows: 0,
          seals: 0,
          unsealed: 0,
          problems: 0,
          last: undefined,
          chainBroken: false,
          covered: [],
          unused: [],
        };
        await this.sealedRows(walk, known);
        await this.otherRows(walk);
        const { rows, seals, unsealed, problems, last } = walk;
        return {
          rows,
          seals,
          unsealed,
          problems,
          head: last ? { id: last.id, signature: last.signature.toString('hex') } : null,
        };
      });
  }

  private async sealedRows(walk: Walk, known: LedgerHead | undefined): Promise<void> {
    let foundKnown = known === undefined;
    for (;;) {
      const seals = await this.repository.after(walk.executor, walk.last?.id ?? 0, SEALS_AT_ONCE);
      if (seals.length === 0) break;
      for (const seal of seals) {
        this.link(walk, seal);
        foundKnown ||= seal.id === known?.id && seal.signature.toString('hex').startsWith(known.signature);
      }
      for (const group of groupsOf(seals.filter(isWellFormed))) await this.group(walk, group);
      walk.covered = union(walk.covered, ...seals.filter(isWellFormed).map(({ ids }) => ids));
      walk.unused = union(walk.unused, ...seals.map(({ unused }) => unused));
    }
    if (known && !foundKnown) {
      walk.chainBroken = true;
      problem(
        walk,
        'seal',
        known.id,
        'is not the one that was noted: it, or what came before it, was replaced',
      );
    }
  }

  /** The seal itself: its place in the chain and its signature. */
  private link(walk: Walk, seal: Seal): void {
    const expected = (walk.last?.id ?? 0) + 1;
    for (let id = expected; id < seal.id; id += 1) problem(walk, 'seal', id, 'is missing');
    if (seal.id !== expected) walk.chainBroken = true;
    else if (!seal.previous.equals(walk.last?.signature ?? Buffer.alloc(0)))
      problem(walk, 'seal', seal.id, 'does not follow the seal before it');
    const signer = this.keys.signerOf('ledger', seal.keyId);
    if (!signer)
      problem(walk, 'seal', seal.id, `is signed with key ${seal.keyId}, which is not a ledger key here`);
    else if (!signer.sign(signedBytes(seal)).equals(seal.signature))
      problem(walk, 'seal', seal.id, 'was changed: its signature does not fit');
    walk.seals += 1;
    walk.last = seal;
  }

  private async group(walk: Walk, seals: readonly Seal[]): Promise<void> {
    const ids = union(...seals.map((seal) => seal.ids));
    const rows = await this.repository.rowsIn(walk.executor, ids, SEAL_ROWS);
    const byId = new Map(rows.map((row) => [row.id, row]));
    walk.rows += rows.length;
    for (const seal of seals) rowsOf(walk, seal, byId);
  }

  /** Rows outside of all seals: too young for one, or slipped in. */
  private async otherRows(walk: Walk): Promise<void> {
    const top = walk.last?.top ?? 0;
    const awaited = walk.last?.awaited ?? [];
    let ids = without([[FIRST_ID, LAST_ID]], walk.covered);
    for (;;) {
      const rows = await this.repository.rowsIn(walk.executor, ids, SEAL_ROWS);
      for (const row of rows) {
        walk.rows += 1;
        const young = row.id > top || (has(awaited, row.id) && !has(walk.unused, row.id));
        if (young) walk.unsealed += 1;
        else problem(walk, 'row', row.id, walk.chainBroken ? SEALED_NO_MORE : ADDED);
        if (verify(row) === 'changed') problem(walk, 'row', row.id, CHANGED);
      }
      const last = rows.at(-1);
      if (!last || rows.length < SEAL_ROWS) return;
      ids = without(ids, [[FIRST_ID, last.id + 1]]);
    }
  }
}

const CHANGED = 'was changed: it does not fit its own hash';
const REWRITTEN = 'was changed and its hash was made anew: it does not fit its seal';
const ADDED = 'was added afterwards: the seals of its time do not know it';
const SEALED_NO_MORE = 'is in no seal: its seal is missing, or it was added afterwards';

function problem(walk: Walk, what: LedgerProblem['what'], id: number, text: string): void {
  walk.problems += 1;
  walk.report({ what, id, problem: text });
}

/** The rows of a seal, each against its own hash and its mark, and all against the digest. */
function rowsOf(walk: Walk, seal: Seal, byId: ReadonlyMap<number, ConsentRow>): void {
  const marks: Buffer[] = [];
  const before = walk.problems;
  for (const [id, kept] of keptMarks(seal)) {
    const row = byId.get(id);
    if (!row) {
      problem(walk, 'row', id, `is missing: seal ${seal.id} knows it`);
      continue;
    }
    const mark = markOf(row);
    marks.push(mark);
    if (verify(row) === 'changed') problem(walk, 'row', id, CHANGED);
    else if (!mark.subarray(0, MARK_BYTES).equals(kept)) problem(walk, 'row', id, REWRITTEN);
  }
  if (walk.problems === before && !digestOf(marks).equals(seal.digest))
    problem(walk, 'seal', seal.id, 'has a digest that does not fit its rows');
}

/** Seals whose rows are read together: as many as one full one has. */
function* groupsOf(seals: readonly Seal[]): Generator<Seal[]> {
  let group: Seal[] = [];
  let rows = 0;
  for (const seal of seals) {
    if (rows + seal.rowCount > SEAL_ROWS && group.length > 0) {
      yield group;
      group = [];
      rows = 0;
    }
    group.push(seal);
    rows += seal.rowCount;
  }
  if (group.length > 0) yield group;
}
