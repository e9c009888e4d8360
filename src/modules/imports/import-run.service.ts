import { setImmediate } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { newId } from '../../domain/index.js';
import { Database, type CopyWork } from '../../platform/database/index.js';
import { copyEvents } from '../../platform/events/index.js';
import { Drain } from '../../platform/queue/index.js';
import { ConsentLedger, type ConsentProof } from '../consent/index.js';
import { Admissions, type Admitted, type Candidate } from '../subscribers/index.js';
import { FileError } from './file/file-error.js';
import { readRecords } from './file/records.js';
import { RowReader } from './file/row.js';
import { ImportFiles } from './import-files.service.js';
import { ImportGroup } from './import-group.js';
import { ImportsRepository } from './imports.repository.js';
import type { Import } from './imports.types.js';

/** Rows of one transaction: about half a second, for which a cancel, or somebody who leaves at this moment, may have to wait. */
const GROUP = 5_000;

/** A stretch of the file that commits together: where it ends, and what is in it. */
interface Step {
  readonly group: ImportGroup;
  readonly position: number;
  readonly octets: number;
}

/** The run is over for this process: it was cancelled, or another one has it. */
class Stopped extends Error {}

/**
 * Reads a stored file into the database, group by group. People, consents, events, errors, counts and the position in the file commit
 * together, so that after a kill -9 another worker goes on where the last group ended: nothing twice, nothing lost.
 */
@Injectable()
export class ImportRun {
  private readonly logger = new Logger(ImportRun.name);

  constructor(
    private readonly db: Database,
    private readonly repository: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly admissions: Admissions,
    private readonly ledger: ConsentLedger,
    private readonly drain: Drain,
  ) {}

  /** Works on an import to its end, or until the process is about to end. Nothing happens where somebody works on it, or it has ended. */
  async run(id: string): Promise<void> {
    const lease = newId();
    const claimed = await this.repository.claim(this.db, id, lease);
    if (!claimed) return;
    try {
      await this.readAll(claimed, lease);
      if (!this.drain.signal.aborted) await this.repository.end(this.db, id, 'finished');
      else await this.repository.giveBack(this.db, id, lease);
    } catch (error) {
      if (error instanceof Stopped) return;
      if (error instanceof FileError) await this.repository.end(this.db, id, 'failed', error.message);
      else throw error;
    }
  }

  /** Ends early where the process is about to end. */
  private async readAll(claimed: Import, lease: string): Promise<void> {
    // While the database writes a group the next one is read.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const step of this.steps(claimed, lease)) {
        await writing;
        if (this.drain.signal.aborted) return;
        writing = this.write(claimed, lease, step);
        writing.catch(() => undefined);
        await setImmediate();
      }
    } finally {
      // What is wrong with the end of a file does not undo what came before it.
      await writing;
    }
  }

  /** What is not done yet. After a restart the file is read from its beginning: a million rows that are skipped take 3 s. */
  private async *steps(claimed: Import, lease: string): AsyncGenerator<Step> {
    const { id, settings, position: done } = claimed;
    const reader = new RowReader(settings);
    const wins = settings.onExisting === 'update' ? 'new' : 'stored';
    let group = new ImportGroup(wins);
    let number = -1;
    let size = 0;
    let octets = 0;
    for await (const { records, octets: read } of readRecords(this.files.read(id), settings.delimiter)) {
      octets = read;
      if (this.drain.signal.aborted) return;
      if (number < done && !(await this.repository.renew(this.db, id, lease))) throw new Stopped();
      for (const record of records) {
        number += 1;
        // The header, and what another run has done.
        if (number === 0 || number <= done) continue;
        group.add(reader, record, number + 1);
        if (++size < GROUP) continue;
        yield { group, position: number, octets };
        group = new ImportGroup(wins);
        size = 0;
      }
    }
    if (size > 0) yield { group, position: number, octets };
  }

  private async write(claimed: Import, lease: string, { group, position, octets }: Step): Promise<void> {
    const { id, settings } = claimed;
    const { candidates } = group;
    const terms = {
      listIds: settings.lists.map((list) => list.id),
      source: settings.consent.source,
      wins: settings.onExisting === 'update' ? ('new' as const) : ('stored' as const),
    };
    await this.db.copyWork(async (work) => {
      const { trx, copy } = work;
      const now = await this.repository.lock(trx, id, lease);
      if (!now) throw new Stopped();
      // A dry run does the same and takes it back: what it tells is what would happen.
      if (settings.dryRun) await sql`SAVEPOINT dry_run`.execute(trx);
      const admitted = await this.admissions.admit(work, candidates, terms);
      if (settings.dryRun) await sql`ROLLBACK TO SAVEPOINT dry_run`.execute(trx);
      else await this.note(work, claimed, candidates, admitted);
      await this.repository.addErrors(copy, id, group.errors);
      const counts = group.counted(now.counts, admitted);
      await this.repository.advance(trx, id, { position, octets, counts });
    });
    this.logger.debug(`Import ${id}: ${position} rows`);
  }

  /** The proof and the event of each who joined. */
  private async note(
    work: CopyWork,
    { id: importId, settings }: Import,
    candidates: readonly Candidate[],
    { joined, people }: Admitted,
  ): Promise<void> {
    const { text, source } = settings.consent;
    const agreed = new Map(
      candidates.map(({ id, agreedAt }) => [people.get(id) ?? id, agreedAt?.toISOString()]),
    );
    const proofs = new Map<string | undefined, ConsentProof>();
    const proofOf = (agreedAt: string | undefined): ConsentProof => {
      const proof = proofs.get(agreedAt) ?? { text, source, importId, agreedAt };
      proofs.set(agreedAt, proof);
      return proof;
    };
    await this.ledger.recordMany(
      work,
      ({ personId }) => proofOf(agreed.get(personId)),
      joined.map(({ personId, listId }) => ({ act: 'imported', personId, listId })),
    );
    await copyEvents(
      work.copy,
      joined.map(({ id: subscriptionId, personId, listId }) => ({
        type: 'subscriber.imported',
        personId,
        listId,
        data: { subscriptionId, importId },
      })),
    );
  }
}
