import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, Once, type Page } from '../../platform/http/index.js';
import {
  campaignDeliveriesQuery,
  campaignDeliveryPage,
  campaignReport,
  campaignReportQuery,
  campaignResendAnswer,
  campaignResendRequest,
  type CampaignDeliveriesQuery,
  type CampaignDelivery,
  type CampaignReport,
  type CampaignReportQuery,
  type CampaignResendAnswer,
  type CampaignResendRequest,
} from './campaign-report.schemas.js';
import { CampaignReports } from './campaign-reports.service.js';
import { CampaignResend } from './campaign-resend.service.js';

@ApiTags('Campaigns')
@Needs('campaigns')
@Controller('v1/campaigns/:id')
export class CampaignReportController {
  constructor(
    private readonly once: Once,
    private readonly reports: CampaignReports,
    private readonly resend: CampaignResend,
  ) {}

  @Get('report')
  @ApiOperation({
    summary: 'What became of a campaign',
    description:
      'Totals, recipient domains, replies and skip reasons, all of one moment, also while it runs. The list behind each number: ' +
      '`/deliveries` with what its line says (`state`, `domain`, `reason`, `replyCode`, `enhanced`, `outcome`).',
  })
  @ApiResponse({ status: 200, standardSchema: campaignReport })
  async report(
    @Param('id') id: string,
    @Query({ schema: campaignReportQuery }) query: CampaignReportQuery,
  ): Promise<CampaignReport> {
    return this.reports.report(id, query);
  }

  @Get('deliveries')
  @ApiOperation({ summary: 'Who gets a campaign, when, and what the server said' })
  @ApiResponse({ status: 200, standardSchema: campaignDeliveryPage })
  async deliveries(
    @Param('id') id: string,
    @Query({ schema: campaignDeliveriesQuery }) query: CampaignDeliveriesQuery,
  ): Promise<Page<CampaignDelivery>> {
    return this.reports.deliveries(id, query);
  }

  @Post('resend')
  @ApiOperation({
    summary: 'Send once more what failed or is unknown',
    description:
      'A finished campaign is open again until that is settled; one that sends goes on, a paused one stays paused. ' +
      'Draft, scheduled or cancelled: 409. Tries and retry time start again; the Message-ID stays.',
  })
  @ApiResponse({ status: 202, standardSchema: campaignResendAnswer })
  async sendAgain(
    @Param('id') id: string,
    @Body({ schema: campaignResendRequest }) body: CampaignResendRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CampaignResendAnswer> {
    return this.once.run(request, reply, async (work) => ({
      status: 202,
      body: await this.resend.begin(work, id, body),
    }));
  }
}
