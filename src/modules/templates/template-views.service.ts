import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { invalidFields, type Page, type PageQuery } from '../../platform/http/index.js';
import { localesOf } from './template-check.js';
import { fillProblems } from './liquid-problems.js';
import { TemplateError } from './template-error.js';
import type { FullRevision, RevisionRow } from './template-revisions.repository.js';
import { TemplateRevisions } from './template-revisions.service.js';
import { variablesOf } from './template-variables.js';
import type {
  PreviewBody,
  RevisionSummary,
  RevisionView,
  TemplatePreview,
  TemplateSummary,
  TemplateView,
} from './templates.schemas.js';
import { Templates } from './templates.service.js';

/** Templates as the API shows them. */
@Injectable()
export class TemplateViews {
  constructor(
    private readonly db: Database,
    private readonly templates: Templates,
    private readonly revisions: TemplateRevisions,
  ) {}

  async list({ after, limit }: PageQuery): Promise<Page<TemplateSummary>> {
    const { data, hasMore } = await this.revisions.list(after, limit);
    return {
      data: data.map(({ row, liveId }) => ({ name: row.name, kind: row.kind, live: liveId })),
      hasMore,
    };
  }

  /** @throws 404 */
  async template(name: string): Promise<TemplateView> {
    const { row, liveId } = await this.revisions.known(this.db, name);
    const revision = await this.revisions.revision(this.db, row, liveId);
    const sample = this.revisions.sampleOf(row, revision);
    const locales = localesOf(revision.source);
    const prepared = await this.templates.prepared(
      liveId,
      locales.includes('en') ? 'en' : (locales[0] ?? 'en'),
    );
    return {
      name,
      kind: row.kind,
      live: liveId,
      locales,
      variables: variablesOf(prepared, sample),
      source: writtenOf(revision),
      sample,
    };
  }

  /** @throws 404 */
  async revisionsOf(name: string): Promise<RevisionSummary[]> {
    const { known, rows } = await this.revisions.revisions(name);
    return rows.map((row) => summaryOf(row, known.liveId));
  }

  /** @throws 404 */
  async revision(name: string, id: string): Promise<RevisionView> {
    const { row, liveId } = await this.revisions.known(this.db, name);
    const revision = await this.revisions.revision(this.db, row, id);
    const sample = this.revisions.sampleOf(row, revision);
    return { ...summaryOf(revision, liveId), source: writtenOf(revision), sample };
  }

  /** The mail as it would be; nothing is sent. @throws 404, 422 where a variable cannot be shown */
  async preview(
    name: string,
    { locale, variables, revision: wanted }: PreviewBody,
  ): Promise<TemplatePreview> {
    const { row, liveId } = await this.revisions.known(this.db, name);
    const revision = await this.revisions.revision(this.db, row, wanted ?? liveId);
    const prepared = await this.templates.prepared(revision.id, locale);
    try {
      const filled = prepared.fill({ ...this.revisions.sampleOf(row, revision), ...variables });
      return { locale: prepared.locale, ...filled, sizeBytes: Buffer.byteLength(filled.html) };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw invalidFields(fillProblems(error));
    }
  }
}

export function summaryOf(
  { id, origin, created_at, published_at }: RevisionRow,
  liveId: string,
): RevisionSummary {
  return {
    id,
    origin,
    live: id === liveId,
    createdAt: created_at.toISOString(),
    publishedAt: published_at?.toISOString() ?? null,
  };
}

function writtenOf({ source }: FullRevision): RevisionView['source'] {
  const { subject, mjml, text, preheader = null, phrases } = source;
  return { subject, mjml, text, preheader, phrases };
}
