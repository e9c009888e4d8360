import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Database, type Work } from '../../platform/database/index.js';
import { Needs, Once, type PageQuery } from '../../platform/http/index.js';
import { Endpoints, type EndpointSecret } from './endpoints.service.js';
import {
  createEndpointBody,
  endpointPage,
  endpointsQuery,
  endpointView,
  endpointWithCounts,
  endpointWithSecret,
  toEndpointView,
  updateEndpointBody,
  type CreateEndpoint,
  type EndpointView,
  type UpdateEndpoint,
} from './webhooks.schemas.js';

const idParam = { schema: z.uuid('the id in the path is not a UUID') };

@ApiTags('Webhooks')
@Needs('webhooks')
@Controller('v1/webhook-endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Add a webhook endpoint',
    description:
      'It gets what happens from now on, signed as Standard Webhooks say. The secret is in this answer only. docs/webhooks.md has every event type and how to verify.',
  })
  @ApiResponse({ status: 201, standardSchema: endpointWithSecret })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: createEndpointBody }) body: CreateEndpoint,
  ) {
    return this.withSecret(request, reply, 201, (work) => this.endpoints.create(work, body));
  }

  @Get()
  @ApiOperation({ summary: 'All webhook endpoints, the oldest first' })
  @ApiResponse({ status: 200, standardSchema: endpointPage })
  async list(@Query({ schema: endpointsQuery }) query: PageQuery) {
    const { data, hasMore } = await this.endpoints.list(this.db, query);
    return { data: data.map((row) => toEndpointView(row)), hasMore };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One webhook endpoint: how it fares, what waits' })
  @ApiResponse({ status: 200, standardSchema: endpointWithCounts })
  async find(@Param('id', idParam) id: string) {
    const endpoint = await this.endpoints.known(this.db, id);
    return { ...toEndpointView(endpoint), ...(await this.endpoints.counts(this.db, id)) };
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change, disable or enable a webhook endpoint',
    description:
      'What is left out stays. A disabled one collects nothing; enable it and ask for a replay to get what it missed.',
  })
  @ApiResponse({ status: 200, standardSchema: endpointView })
  async update(@Param('id', idParam) id: string, @Body({ schema: updateEndpointBody }) body: UpdateEndpoint) {
    return toEndpointView(await this.db.work((work) => this.endpoints.update(work, id, body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a webhook endpoint',
    description: 'What waits for it is not sent any more.',
  })
  async remove(@Param('id', idParam) id: string): Promise<void> {
    await this.db.work((work) => this.endpoints.remove(work, id));
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make a new secret',
    description: 'For 24 hours the old one signs too: there are two signatures in the header, one of each.',
  })
  @ApiResponse({ status: 200, standardSchema: endpointWithSecret })
  async rotateSecret(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id', idParam) id: string,
  ) {
    return this.withSecret(request, reply, 200, (work) => this.endpoints.rotateSecret(work, id));
  }

  /** The answer that is kept for the Idempotency-Key holds the secret sealed; it is opened on its way out. */
  private async withSecret(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    body: (work: Work) => Promise<EndpointSecret>,
  ): Promise<EndpointView & { secret: string }> {
    const { sealed, view } = await this.once.run(request, reply, async (work) => {
      const made = await body(work);
      return { status, body: { sealed: made.sealed, view: toEndpointView(made.endpoint) } };
    });
    return { ...view, secret: this.endpoints.showSecret(sealed) };
  }
}
