import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import type { BuiltinTemplate, CompiledTemplate, TemplateSource } from './types.js';

@Injectable()
export class TemplatesRepository {
  constructor(private readonly db: Database) {}

  /** The revision of a built-in mail, added when its source is new. Safe when several processes start at once. */
  async builtinRevision({ name, source, checksum }: BuiltinTemplate): Promise<string> {
    await this.db
      .insertInto('templates')
      .values({ id: newId(), name, kind: 'builtin' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const template = await this.db
      .selectFrom('templates')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    await this.db
      .insertInto('template_revisions')
      .values({
        id: newId(),
        template_id: template.id,
        checksum,
        source: JSON.stringify(source),
        published_at: new Date(),
      })
      .onConflict((conflict) =>
        conflict.columns(['template_id', 'checksum']).where('template_id', 'is not', null).doNothing(),
      )
      .execute();
    const revision = await this.db
      .selectFrom('template_revisions')
      .select('id')
      .where('template_id', '=', template.id)
      .where('checksum', '=', checksum)
      .executeTakeFirstOrThrow();
    return revision.id;
  }

  /** What was put in the place of what comes with Postrider, or null; undefined too where there is no such template. */
  async liveRevision(executor: Executor, name: string): Promise<string | null | undefined> {
    const row = await executor
      .selectFrom('templates')
      .select('live_revision_id')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.live_revision_id;
  }

  /** A revision of no template: a campaign's content. */
  async addRevision(executor: Executor, source: TemplateSource, checksum: string): Promise<string> {
    const id = newId();
    await executor
      .insertInto('template_revisions')
      .values({ id, template_id: null, checksum, source: JSON.stringify(source), published_at: new Date() })
      .execute();
    return id;
  }

  async source(executor: Executor, revisionId: string): Promise<TemplateSource> {
    const row = await executor
      .selectFrom('template_revisions')
      .select('source')
      .where('id', '=', revisionId)
      .executeTakeFirst();
    if (!row) throw new Error(`There is no template revision ${revisionId}`);
    return row.source as TemplateSource;
  }

  async compiled(
    executor: Executor,
    revisionId: string,
    locale: string,
  ): Promise<CompiledTemplate | undefined> {
    const row = await executor
      .selectFrom('compiled_templates')
      .select('compiled')
      .where('revision_id', '=', revisionId)
      .where('locale', '=', locale)
      .executeTakeFirst();
    return row?.compiled as CompiledTemplate | undefined;
  }

  async saveCompiled(
    executor: Executor,
    revisionId: string,
    locale: string,
    compiled: CompiledTemplate,
  ): Promise<void> {
    await executor
      .insertInto('compiled_templates')
      .values({ revision_id: revisionId, locale, compiled: JSON.stringify(compiled) })
      .onConflict((conflict) => conflict.columns(['revision_id', 'locale']).doNothing())
      .execute();
  }
}
