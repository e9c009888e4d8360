import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, Once, pageQuery, type Page, type PageQuery } from '../../platform/http/index.js';
import { TemplateRevisions } from './template-revisions.service.js';
import { summaryOf, TemplateViews } from './template-views.service.js';
import {
  newRevision,
  newTemplate,
  previewBody,
  publishBody,
  revisionList,
  revisionSummary,
  revisionView,
  storedRevision,
  templatePage,
  templatePreview,
  templateView,
  type NewRevision,
  type NewTemplate,
  type PreviewBody,
  type PublishBody,
  type RevisionSummary,
  type RevisionView,
  type StoredRevision,
  type TemplatePreview,
  type TemplateSummary,
  type TemplateView,
} from './templates.schemas.js';

@ApiTags('Templates')
@Needs('templates')
@Controller('v1/templates')
export class TemplatesController {
  constructor(
    private readonly revisions: TemplateRevisions,
    private readonly views: TemplateViews,
    private readonly once: Once,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'All templates, built-in and own',
    description: 'In the order of their names; `after` is a name.',
  })
  @ApiResponse({ status: 200, standardSchema: templatePage })
  async list(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<TemplateSummary>> {
    return this.views.list(query);
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Add a template of your own',
    description: 'Checked in every language that it has, and live at once. A mistake is a 422 with its line.',
  })
  @ApiResponse({ status: 201, standardSchema: storedRevision })
  async create(
    @Body({ schema: newTemplate }) { name, ...written }: NewTemplate,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoredRevision> {
    const checked = await this.revisions.checked(name, written);
    return this.once.run(request, reply, async ({ trx }) => {
      const revision = await this.revisions.create(trx, name, checked);
      return { status: 201, body: { ...summaryOf(revision, revision.id), warnings: checked.warnings } };
    });
  }

  @Get(':name')
  @ApiOperation({
    summary: 'One template',
    description: 'Its live source, and its variables with types and examples.',
  })
  @ApiResponse({ status: 200, standardSchema: templateView })
  async show(@Param('name') name: string): Promise<TemplateView> {
    return this.views.template(name);
  }

  @Get(':name/revisions')
  @ApiOperation({ summary: 'Its revisions, the newest first' })
  @ApiResponse({ status: 200, standardSchema: revisionList })
  async history(@Param('name') name: string): Promise<{ data: RevisionSummary[] }> {
    return { data: await this.views.revisionsOf(name) };
  }

  @Post(':name/revisions')
  @HttpCode(201)
  @ApiOperation({
    summary: 'Add a revision',
    description:
      'Checked in every language that it has, and stored; it is live once it is published. A mistake is a 422 with its line.',
  })
  @ApiResponse({ status: 201, standardSchema: storedRevision })
  async add(
    @Param('name') name: string,
    @Body({ schema: newRevision }) written: NewRevision,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoredRevision> {
    const { liveId } = await this.revisions.existing(name);
    const checked = await this.revisions.checked(name, written);
    return this.once.run(request, reply, async ({ trx }) => {
      const revision = await this.revisions.add(trx, name, checked);
      return { status: 201, body: { ...summaryOf(revision, liveId), warnings: checked.warnings } };
    });
  }

  @Get(':name/revisions/:revision')
  @ApiOperation({ summary: 'One revision with its source' })
  @ApiResponse({ status: 200, standardSchema: revisionView })
  async revision(@Param('name') name: string, @Param('revision') revision: string): Promise<RevisionView> {
    return this.views.revision(name, revision);
  }

  @Post(':name/preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Look at it',
    description: 'Subject, HTML and text for a language. Nothing is sent.',
  })
  @ApiResponse({ status: 200, standardSchema: templatePreview })
  async preview(
    @Param('name') name: string,
    @Body({ schema: previewBody }) body: PreviewBody,
  ): Promise<TemplatePreview> {
    return this.views.preview(name, body);
  }

  @Post(':name/publish')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make a revision the live one',
    description:
      'From the next mail on; mails that were accepted before keep theirs. An older revision may come back.',
  })
  @ApiResponse({ status: 200, standardSchema: revisionSummary })
  async publish(
    @Param('name') name: string,
    @Body({ schema: publishBody }) { revision: id }: PublishBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevisionSummary> {
    return this.once.run(request, reply, async ({ trx }) => {
      const revision = await this.revisions.publish(trx, name, id);
      return { status: 200, body: summaryOf(revision, revision.id) };
    });
  }
}
