import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from '../../platform/database/index.js';
import { Needs, Once, type PageQuery } from '../../platform/http/index.js';
import {
  createListBody,
  listPage,
  listsQuery,
  listView,
  toListView,
  updateListBody,
  type CreateList,
  type UpdateList,
} from './lists.schemas.js';
import { Lists } from './lists.service.js';

@ApiTags('Lists')
@Needs('lists')
@Controller('v1/lists')
export class ListsController {
  constructor(
    private readonly lists: Lists,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Create a list' })
  @ApiResponse({ status: 201, standardSchema: listView })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: createListBody }) body: CreateList,
  ) {
    return this.once.run(request, reply, async (work) => ({
      status: 201,
      body: toListView(await this.lists.create(work, body)),
    }));
  }

  @Get()
  @ApiOperation({ summary: 'All lists, the oldest first, archived ones too' })
  @ApiResponse({ status: 200, standardSchema: listPage })
  async list(@Query({ schema: listsQuery }) query: PageQuery) {
    const { data, hasMore } = await this.lists.list(this.db, query);
    return { data: data.map(toListView), hasMore };
  }

  @Get(':slug')
  @ApiOperation({ summary: 'One list' })
  @ApiResponse({ status: 200, standardSchema: listView })
  async find(@Param('slug') slug: string) {
    return toListView(await this.lists.known(this.db, slug));
  }

  @Patch(':slug')
  @ApiOperation({
    summary: 'Change or archive a list',
    description:
      'What is left out stays. A list is archived, never deleted, because consent and history speak of it.',
  })
  @ApiResponse({ status: 200, standardSchema: listView })
  async update(@Param('slug') slug: string, @Body({ schema: updateListBody }) body: UpdateList) {
    return toListView(await this.db.work((work) => this.lists.update(work, slug, body)));
  }
}
