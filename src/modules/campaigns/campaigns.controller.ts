import { Body, Controller, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database, type Work } from '../../platform/database/index.js';
import { Needs, Once, type Page } from '../../platform/http/index.js';
import { CampaignMoves } from './campaign-moves.service.js';
import { CampaignViews } from './campaign-views.service.js';
import {
  campaignChange,
  campaignPage,
  campaignSchedule,
  campaignsQuery,
  campaignTest,
  campaignTestAnswer,
  campaignView,
  newCampaign,
  type CampaignChange,
  type CampaignSchedule,
  type CampaignsQuery,
  type CampaignSummary,
  type CampaignTest,
  type CampaignTestAnswer,
  type CampaignView,
  type NewCampaign,
} from './campaigns.schemas.js';
import { Campaigns } from './campaigns.service.js';

@ApiTags('Campaigns')
@Needs('campaigns')
@Controller('v1/campaigns')
export class CampaignsController {
  constructor(
    private readonly db: Database,
    private readonly once: Once,
    private readonly campaigns: Campaigns,
    private readonly moves: CampaignMoves,
    private readonly views: CampaignViews,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a campaign',
    description: 'A draft. The content is checked: a mistake in it is answered with its line.',
  })
  @ApiResponse({ status: 201, standardSchema: campaignView })
  async create(
    @Body({ schema: newCampaign }) body: NewCampaign,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.once.run(request, reply, async (work) => ({
      status: 201,
      body: await this.campaigns.create(work, body),
    }));
  }

  @Get()
  @ApiOperation({ summary: 'All campaigns, the newest first' })
  @ApiResponse({ status: 200, standardSchema: campaignPage })
  async page(@Query({ schema: campaignsQuery }) query: CampaignsQuery): Promise<Page<CampaignSummary>> {
    return this.views.page(query);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One campaign',
    description: 'With its counts: recipients is always the sum of the others.',
  })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async find(@Param('id') id: string): Promise<CampaignView> {
    return this.views.find(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a draft or scheduled campaign', description: 'What is left out stays.' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async change(
    @Param('id') id: string,
    @Body({ schema: campaignChange }) body: CampaignChange,
  ): Promise<CampaignView> {
    return this.db.work((work) => this.campaigns.change(work, id, body));
  }

  @Post(':id/test')
  @ApiOperation({
    summary: 'Send a test',
    description: 'The mail as it is now, with "[Test]" before its subject.',
  })
  @ApiResponse({ status: 202, standardSchema: campaignTestAnswer })
  async test(
    @Param('id') id: string,
    @Body({ schema: campaignTest }) body: CampaignTest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignTestAnswer> {
    return this.once.run(request, reply, async (work) => ({
      status: 202,
      body: await this.campaigns.test(work, id, body),
    }));
  }

  @Post(':id/send')
  @ApiOperation({ summary: 'Send now', description: 'Once: a second call is answered with 409.' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async send(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.move(request, reply, id, (work) => this.moves.send(work, id));
  }

  @Post(':id/schedule')
  @ApiOperation({ summary: 'Send later', description: 'Again with another time while it is scheduled.' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async schedule(
    @Param('id') id: string,
    @Body({ schema: campaignSchedule }) { at }: CampaignSchedule,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.move(request, reply, id, (work) => this.moves.schedule(work, id, at));
  }

  @Post(':id/pause')
  @ApiOperation({ summary: 'Hold what has not been handed over' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async pause(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.move(request, reply, id, (work) => this.moves.pause(work, id));
  }

  @Post(':id/resume')
  @ApiOperation({ summary: 'Go on after a pause' })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async resume(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.move(request, reply, id, (work) => this.moves.resume(work, id));
  }

  @Post(':id/cancel')
  @ApiOperation({
    summary: 'Stop for good',
    description: 'What has not been handed over is skipped and counted so.',
  })
  @ApiResponse({ status: 200, standardSchema: campaignView })
  async cancel(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignView> {
    return this.move(request, reply, id, (work) => this.moves.cancel(work, id));
  }

  private async move(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    move: (work: Work) => Promise<void>,
  ): Promise<CampaignView> {
    return this.once.run(request, reply, async (work) => {
      await move(work);
      return { status: 200, body: await this.views.find(id, work.trx) };
    });
  }
}
