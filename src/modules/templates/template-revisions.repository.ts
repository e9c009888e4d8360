import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import { newId } from '../../domain/index.js';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { TemplateSource, Variables } from './types.js';

export type TemplateRow = Selectable<Tables['templates']>;

export interface RevisionRow {
  readonly id: string;
  readonly origin: 'shipped' | 'file' | 'api';
  readonly created_at: Date;
  readonly published_at: Date | null;
}

export interface FullRevision extends RevisionRow {
  readonly source: TemplateSource;
  readonly sample: Variables | null;
}

@Injectable()
export class TemplateRevisionsRepository {
  async find(executor: Executor, name: string): Promise<TemplateRow | undefined> {
    return executor.selectFrom('templates').selectAll().where('name', '=', name).executeTakeFirst();
  }

  /** In the order of names; one row more than asked for tells that there are more. */
  async list(executor: Executor, after: string | undefined, limit: number): Promise<TemplateRow[]> {
    let query = executor.selectFrom('templates').selectAll();
    if (after !== undefined) query = query.where('name', '>', after);
    return query
      .orderBy('name')
      .limit(limit + 1)
      .execute();
  }

  /** Undefined where there is one of this name. */
  async add(executor: Executor, name: string): Promise<string | undefined> {
    const row = await executor
      .insertInto('templates')
      .values({ id: newId(), name, kind: 'own' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    return row?.id;
  }

  /** The same source again is the same revision. */
  async addRevision(
    executor: Executor,
    revision: {
      templateId: string;
      origin: 'file' | 'api';
      checksum: string;
      source: TemplateSource;
      sample: Variables | null;
    },
  ): Promise<RevisionRow> {
    const { templateId, origin, checksum, source, sample } = revision;
    return executor
      .insertInto('template_revisions')
      .values({
        id: newId(),
        template_id: templateId,
        origin,
        checksum,
        source: JSON.stringify(source),
        sample: sample && JSON.stringify(sample),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['template_id', 'checksum'])
          .where('template_id', 'is not', null)
          .doUpdateSet({ sample: sample && JSON.stringify(sample) }),
      )
      .returning(['id', 'origin', 'created_at', 'published_at'])
      .executeTakeFirstOrThrow();
  }

  /** The newest first. */
  async revisions(executor: Executor, templateId: string, limit: number): Promise<RevisionRow[]> {
    return executor
      .selectFrom('template_revisions')
      .select(['id', 'origin', 'created_at', 'published_at'])
      .where('template_id', '=', templateId)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }

  async revision(executor: Executor, templateId: string, id: string): Promise<FullRevision | undefined> {
    const row = await executor
      .selectFrom('template_revisions')
      .select(['id', 'origin', 'created_at', 'published_at', 'source', 'sample'])
      .where('template_id', '=', templateId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...row, source: row.source as TemplateSource };
  }

  /** @param revisionId null: what comes with this version of Postrider */
  async publish(executor: Executor, templateId: string, revisionId: string | null): Promise<Date | null> {
    await executor
      .updateTable('templates')
      .set({ live_revision_id: revisionId })
      .where('id', '=', templateId)
      .execute();
    if (revisionId === null) return null;
    const row = await executor
      .updateTable('template_revisions')
      .set({ published_at: sql`now()` })
      .where('id', '=', revisionId)
      .returning('published_at')
      .executeTakeFirst();
    return row?.published_at ?? null;
  }

  /** Until the end of the transaction no other process looks at the operator's files. */
  async lockFiles(executor: Executor): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtext('template files'))`.execute(executor);
  }

  /** Those whose source came from a file. */
  async fromFiles(executor: Executor): Promise<TemplateRow[]> {
    return executor.selectFrom('templates').selectAll().where('file_checksum', 'is not', null).execute();
  }

  async setFile(executor: Executor, templateId: string, checksum: string | null): Promise<void> {
    await executor
      .updateTable('templates')
      .set({ file_checksum: checksum })
      .where('id', '=', templateId)
      .execute();
  }
}
