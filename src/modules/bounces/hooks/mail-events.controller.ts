import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs, toPage } from '../../../platform/http/index.js';
import { WakeUps } from '../../../platform/queue/index.js';
import {
  mailEventPage,
  mailEventsQuery,
  replayAnswer,
  replayBody,
  toMailEventView,
  type MailEventsQuery,
  type Replay,
} from './mail-events.schemas.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

@ApiTags('Webhooks of mail providers')
@Needs('suppressions')
@Controller('v1/mail-events')
export class MailEventsController {
  constructor(
    private readonly repository: ProviderRequestsRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Webhooks that mail providers sent, the newest first',
    description: 'Without their content, which names people. Kept for 30 days.',
  })
  @ApiResponse({ status: 200, standardSchema: mailEventPage })
  async list(@Query({ schema: mailEventsQuery }) { limit, ...query }: MailEventsQuery) {
    return toPage(await this.repository.list({ ...query, limit: limit + 1 }), limit, toMailEventView);
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Read webhooks of mail providers again',
    description: 'Those with these ids, or all that failed. What was applied before changes nothing.',
  })
  @ApiResponse({ status: 200, standardSchema: replayAnswer })
  async replay(@Body({ schema: replayBody }) body: Replay) {
    let replayed = 0;
    if ('ids' in body) for (const id of new Set(body.ids)) replayed += await this.repository.replay({ id });
    else replayed = await this.repository.replay('failed');
    if (replayed > 0) await this.wakeUps.wake('mailEvents', { lane: 0 });
    return { replayed };
  }
}
