import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Database, type Executor } from '../../platform/database/index.js';
import { invalid, Needs, Once } from '../../platform/http/index.js';
import {
  addSuppressionBody,
  releaseBody,
  searchSuppressionsBody,
  suppressionPage,
  suppressionView,
  toSuppressionView,
  type AddSuppression,
  type Release,
  type SearchSuppressions,
} from './suppression.schemas.js';
import { LIST_NAMES, type ListNames } from './list-names.js';
import { Suppressions } from './suppressions.service.js';
import type { Suppression } from './suppression.types.js';

@ApiTags('Suppressions')
@Needs('suppressions')
@Controller('v1/suppressions')
export class SuppressionsController {
  constructor(
    private readonly suppressions: Suppressions,
    @Inject(LIST_NAMES) private readonly lists: ListNames,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Suppress an address',
    description:
      'Mail that already waits is skipped. The same active suppression again is answered with 200 and the existing one.',
  })
  @ApiResponse({ status: 201, standardSchema: suppressionView })
  @ApiResponse({ status: 200, standardSchema: suppressionView, description: 'It was active already' })
  async add(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: addSuppressionBody }) { address, list, ...body }: AddSuppression,
  ) {
    return this.once.run(request, reply, async (work) => {
      const listId = await this.listId(work.trx, list);
      const { suppression, created } = await this.suppressions.add(work, {
        ...body,
        address: address.canonical,
        listId: listId ?? null,
        evidence: body.evidence ?? null,
      });
      return { status: created ? 201 : 200, body: await this.view(work.trx, suppression) };
    });
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({ summary: 'Find suppressions, the newest first' })
  @ApiResponse({ status: 200, standardSchema: suppressionPage })
  async search(@Body({ schema: searchSuppressionsBody }) { address, list, ...search }: SearchSuppressions) {
    const listId = await this.listId(this.db, list);
    const { data, hasMore } = await this.suppressions.search(this.db, {
      ...search,
      address: address?.canonical,
      listId,
    });
    const slugs = await this.slugs(this.db, data);
    return { data: data.map((suppression) => toSuppressionView(suppression, slugs)), hasMore };
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Lift a suppression',
    description: 'It is kept, with the note. Others of the same address still hold.',
  })
  @ApiResponse({ status: 200, standardSchema: suppressionView })
  async release(
    @Param('id', { schema: z.uuid('the id in the path is not a UUID') }) id: string,
    @Body({ schema: releaseBody }) { note }: Release,
  ) {
    return this.db.work(async (work) => this.view(work.trx, await this.suppressions.release(work, id, note)));
  }

  private async listId(executor: Executor, slug: string | undefined): Promise<string | undefined> {
    if (slug === undefined) return undefined;
    const list = await this.lists.bySlug(executor, slug);
    if (!list) throw invalid('list', `there is no list "${slug}"`);
    return list.id;
  }

  private async view(executor: Executor, suppression: Suppression) {
    return toSuppressionView(suppression, await this.slugs(executor, [suppression]));
  }

  private async slugs(
    executor: Executor,
    suppressions: readonly Suppression[],
  ): Promise<Map<string, string>> {
    const ids = new Set(suppressions.flatMap(({ listId }) => listId ?? []));
    return new Map((await this.lists.byIds(executor, [...ids])).map(({ id, slug }) => [id, slug]));
  }
}
