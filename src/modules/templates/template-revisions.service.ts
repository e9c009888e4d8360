import { Injectable } from '@nestjs/common';
import { isId } from '../../domain/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { conflict, invalidFields, notFound, toPage, type Page } from '../../platform/http/index.js';
import { checksumOf } from './builtin-templates.js';
import { sourceOf, type WrittenTemplate } from './own-templates.js';
import { fieldsOf, TemplateError } from './template-error.js';
import {
  TemplateRevisionsRepository,
  type FullRevision,
  type RevisionRow,
  type TemplateRow,
} from './template-revisions.repository.js';
import { Templates } from './templates.service.js';
import type { TemplateSource, Variables } from './types.js';

const MOST_REVISIONS = 100;
/** Its source is what a campaign's content is put into. */
const LAYOUT_OF_NEWS = 'news';

/** A source that was checked, to be stored. */
export interface CheckedTemplate {
  readonly source: TemplateSource;
  readonly sample: Variables | null;
  readonly warnings: string[];
}

export interface KnownTemplate {
  readonly row: TemplateRow;
  readonly liveId: string;
}

/** Templates as an operator works on them: revisions that are checked before they are stored, and one of them live. */
@Injectable()
export class TemplateRevisions {
  constructor(
    private readonly db: Database,
    private readonly templates: Templates,
    private readonly repository: TemplateRevisionsRepository,
  ) {}

  /**
   * Compiles and fills it in every language. Slow, so it is done before the transaction.
   * @throws 422 with the field, the line and what is wrong, 409 for the layout of newsletters
   */
  async checked(name: string, written: WrittenTemplate): Promise<CheckedTemplate> {
    if (name === LAYOUT_OF_NEWS)
      throw conflict(
        'not_replaceable',
        'The layout of newsletters comes with Postrider: campaigns bring their own content',
      );
    const shipped = this.templates.builtin(name);
    const source = sourceOf(written, this.templates.shared, shipped?.source);
    try {
      const warnings = await this.templates.checkWhole(source, written.sample ?? {}, shipped);
      return { source, sample: written.sample ?? null, warnings };
    } catch (error) {
      if (error instanceof TemplateError) throw invalidFields(fieldsOf(error));
      throw error;
    }
  }

  /** A template of the operator's own, live at once. @throws 409 where there is one of this name */
  async create(executor: Executor, name: string, checked: CheckedTemplate): Promise<RevisionRow> {
    const templateId = await this.repository.add(executor, name);
    if (templateId === undefined) throw conflict('template_exists', `There is already a template "${name}"`);
    const revision = await this.store(executor, templateId, checked, 'api');
    const published_at = await this.repository.publish(executor, templateId, revision.id);
    return { ...revision, published_at };
  }

  /** @throws 404 */
  async add(executor: Executor, name: string, checked: CheckedTemplate): Promise<RevisionRow> {
    const { row } = await this.known(executor, name);
    return this.store(executor, row.id, checked, 'api');
  }

  async store(
    executor: Executor,
    templateId: string,
    { source, sample }: CheckedTemplate,
    origin: 'file' | 'api',
  ): Promise<RevisionRow> {
    return this.repository.addRevision(executor, {
      templateId,
      origin,
      checksum: checksumOf(source),
      source,
      sample,
    });
  }

  /** From the next mail on. What comes with this version, once it is published again, follows later versions. @throws 404 */
  async publish(executor: Executor, name: string, revisionId: string): Promise<RevisionRow> {
    const { row } = await this.known(executor, name);
    const revision = await this.revision(executor, row, revisionId);
    const isShipped = this.templates.builtin(name)?.revisionId === revision.id;
    const published_at = await this.repository.publish(executor, row.id, isShipped ? null : revision.id);
    return { ...revision, published_at: published_at ?? revision.published_at };
  }

  async list(after: string | undefined, limit: number): Promise<Page<KnownTemplate>> {
    const rows = await this.repository.list(this.db, after, limit);
    return toPage(rows, limit, (row) => ({ row, liveId: this.liveOf(row) ?? '' }));
  }

  /** @throws 404 */
  async known(executor: Executor, name: string): Promise<KnownTemplate> {
    const row = await this.repository.find(executor, name);
    const liveId = row && this.liveOf(row);
    if (!row || liveId === undefined) throw notFound('template', name);
    return { row, liveId };
  }

  /** @throws 404 */
  async existing(name: string): Promise<KnownTemplate> {
    return this.known(this.db, name);
  }

  /** The newest first. @throws 404 */
  async revisions(name: string): Promise<{ known: KnownTemplate; rows: RevisionRow[] }> {
    const known = await this.known(this.db, name);
    return { known, rows: await this.repository.revisions(this.db, known.row.id, MOST_REVISIONS) };
  }

  /** @throws 404 */
  async revision(executor: Executor, { id, name }: TemplateRow, revisionId: string): Promise<FullRevision> {
    const found = isId(revisionId) ? await this.repository.revision(executor, id, revisionId) : undefined;
    if (!found) throw notFound(`revision of ${name}`, revisionId);
    return found;
  }

  /** With what its samples have in common. */
  sampleOf({ name }: TemplateRow, revision: FullRevision): Variables {
    return this.templates.sampleFor(revision.sample ?? {}, this.templates.builtin(name));
  }

  private liveOf({ name, live_revision_id }: TemplateRow): string | undefined {
    return live_revision_id ?? this.templates.builtin(name)?.revisionId;
  }
}
