import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import { conflict, invalid, notFound, toPage, type Page, type PageQuery } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Lists } from '../lists/index.js';
import { findColumns } from './file/columns.js';
import { FileError } from './file/file-error.js';
import { readHeader } from './file/header.js';
import { toUtf8 } from './file/utf8.js';
import { ImportFiles, inPieces } from './import-files.service.js';
import { ImportsRepository } from './imports.repository.js';
import type { NewImport } from './imports.schemas.js';
import type { Import, ImportSettings, RowError } from './imports.types.js';

const PIECE_OCTETS = 1024 * 1024;
const ERRORS_A_PAGE = 1_000;

/** A file that is stored in full and waits to be released. */
export interface Stored {
  readonly id: string;
  readonly octets: number;
  /** SHA-256 of the file as UTF-8, in hexadecimal digits. */
  readonly digest: string;
}

/** Files of people who agreed elsewhere: taken, shown, ended. A worker reads them (`ImportRun`). */
@Injectable()
export class Imports {
  constructor(
    private readonly db: Database,
    private readonly repository: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly lists: Lists,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Checks what was said and stores the file as it comes. No worker sees it before `release`; where it cannot be stored in full nothing
   * of it stays.
   * @throws 422 for an unknown or archived list, consent that the list does not take, and a file in another encoding or without a column
   */
  async store(said: NewImport, file: AsyncIterable<Buffer>): Promise<Stored> {
    const lists = await this.listsFor(said);
    const id = newId();
    try {
      const pieces = inPieces(toUtf8(file), PIECE_OCTETS);
      const first = await pieces.next();
      if (first.done) throw new FileError('it is empty');
      const { names: header, delimiter } = readHeader(first.value.toString('utf8'));
      const columns = findColumns(header, said.columns);
      const { consent, onExisting, dryRun } = said;
      const settings: ImportSettings = { lists, consent, header, columns, delimiter, onExisting, dryRun };
      if (consent.confirmed && consent.date === null && columns.agreedAt === null)
        throw invalid(
          'consentDate',
          'say when people confirmed, or the column that says it (`agreedAtColumn`)',
        );
      await this.repository.open(this.db, id, settings);
      const digest = createHash('sha256');
      let octets = 0;
      let number = 0;
      for (let piece: IteratorResult<Buffer> = first; !piece.done; piece = await pieces.next()) {
        await this.files.add(id, number++, piece.value);
        digest.update(piece.value);
        octets += piece.value.length;
      }
      return { id, octets, digest: digest.digest('hex') };
    } catch (error) {
      await this.repository.remove(this.db, id);
      throw error instanceof FileError ? invalid('file', error.message) : error;
    }
  }

  /** Lets workers have it. */
  async release(work: Work, { id, octets }: Stored): Promise<void> {
    await this.repository.release(work.trx, id, octets);
    work.afterCommit(() => this.wakeUps.wake('imports', { importId: id }));
  }

  /** Takes a file away that was not released. */
  async discard({ id }: Stored): Promise<void> {
    await this.repository.remove(this.db, id);
  }

  /** @throws 404 */
  async known(executor: Executor, id: string): Promise<Import> {
    const found = await this.repository.byId(executor, id);
    if (!found || found.state === 'uploading') throw notFound('import', id);
    return found;
  }

  async list(executor: Executor, { limit, after }: PageQuery): Promise<Page<Import>> {
    return toPage(await this.repository.page(executor, limit + 1, after), limit, (one) => one);
  }

  /** Stops it between two groups of rows; those that are done stay. @throws 404, 409 where it has ended */
  async cancel({ trx }: Work, id: string): Promise<Import> {
    const isEnded = !(await this.repository.end(trx, id, 'cancelled'));
    const found = await this.known(trx, id);
    if (isEnded) throw conflict('import_ended', `This import has ended: it is ${found.state}`);
    return found;
  }

  async due(): Promise<string[]> {
    return this.repository.due(this.db);
  }

  /** What could not be read, in the order of the file. */
  async *errors(id: string): AsyncGenerator<RowError> {
    for (let after: RowError | undefined; ;) {
      const page = await this.repository.errors(this.db, id, after, ERRORS_A_PAGE);
      yield* page;
      after = page.at(-1);
      if (page.length < ERRORS_A_PAGE) return;
    }
  }

  private async listsFor({ lists: slugs, consent }: NewImport): Promise<{ id: string; slug: string }[]> {
    const lists = await this.lists.bySlugs(this.db, [...new Set(slugs)], 'list');
    const archived = lists.find(({ archivedAt }) => archivedAt !== null);
    if (archived) throw invalid('list', `the list "${archived.slug}" is archived and takes nobody`);
    const double = lists.find(({ optIn }) => optIn === 'double');
    if (double && !consent.confirmed) {
      throw invalid(
        'consentConfirmed',
        `the list "${double.slug}" has double opt-in: it takes people of whom you say that they confirmed by mail elsewhere, and when`,
      );
    }
    return lists.map(({ id, slug }) => ({ id, slug }));
  }
}
