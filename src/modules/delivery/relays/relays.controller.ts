import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from '../../../platform/database/index.js';
import { Needs, Once, type PageQuery } from '../../../platform/http/index.js';
import {
  createRelayBody,
  relayPage,
  relaysQuery,
  relayView,
  toRelayView,
  updateRelayBody,
  type CreateRelay,
  type UpdateRelay,
} from './relay.schemas.js';
import type { Relay } from './relay.types.js';
import { Relays } from './relays.service.js';

@ApiTags('Relays')
@Needs('relays')
@Controller('v1/relays')
export class RelaysController {
  constructor(
    private readonly relays: Relays,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Add a relay',
    description:
      'Mail leaves through the enabled relay with the lowest priority that carries its stream; equals share. Workers follow within seconds.',
  })
  @ApiResponse({ status: 201, standardSchema: relayView })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: createRelayBody }) body: CreateRelay,
  ) {
    return this.once.run(request, reply, async (work) => ({
      status: 201,
      body: toRelayView(await this.relays.create(work, body), undefined),
    }));
  }

  @Get()
  @ApiOperation({ summary: 'All relays, the oldest first, disabled ones too' })
  @ApiResponse({ status: 200, standardSchema: relayPage })
  async list(@Query({ schema: relaysQuery }) query: PageQuery) {
    const { data, hasMore } = await this.relays.list(query);
    const states = await this.relays.states(data.map(({ name }) => name));
    return { data: data.map((relay) => toRelayView(relay, states.get(relay.name))), hasMore };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One relay: its limits, how much of them is used, whether it is in trouble' })
  @ApiResponse({ status: 200, standardSchema: relayView })
  async find(@Param('name') name: string) {
    return this.view(await this.relays.known(name));
  }

  @Patch(':name')
  @ApiOperation({
    summary: 'Change a relay',
    description:
      'What is left out stays. The url of the relay "default" is SMTP_URL and is not changed here.',
  })
  @ApiResponse({ status: 200, standardSchema: relayView })
  async update(@Param('name') name: string, @Body({ schema: updateRelayBody }) body: UpdateRelay) {
    return this.view(await this.db.work((work) => this.relays.update(work, name, body)));
  }

  @Delete(':name')
  @ApiOperation({
    summary: 'Disable a relay',
    description: 'It is kept, because deliveries name it; enable it again with PATCH.',
  })
  @ApiResponse({ status: 200, standardSchema: relayView })
  async disable(@Param('name') name: string) {
    return this.view(await this.db.work((work) => this.relays.update(work, name, { enabled: false })));
  }

  private async view(relay: Relay) {
    return toRelayView(relay, (await this.relays.states([relay.name])).get(relay.name));
  }
}
