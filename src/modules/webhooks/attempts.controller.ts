import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Database } from '../../platform/database/index.js';
import { Needs, notFound, Once, toPage } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { AttemptsRepository } from './attempts.repository.js';
import { Endpoints } from './endpoints.service.js';
import { WebhookMessagesRepository } from './messages.repository.js';
import { TEST_EVENT } from './public-events.js';
import { Replays } from './replays.service.js';
import {
  attemptPage,
  attemptsQuery,
  queuedView,
  replayBody,
  replayView,
  toAttemptView,
  type AttemptsQuery,
  type ReplayRequest,
} from './webhooks.schemas.js';
import { messageName } from './webhooks.types.js';

const idParam = { schema: z.uuid('the id in the path is not a UUID') };

/** What was sent to an endpoint, and sending it once more. */
@ApiTags('Webhooks')
@Needs('webhooks')
@Controller('v1/webhook-endpoints/:id')
export class AttemptsController {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly attempts: AttemptsRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly replays: Replays,
    private readonly wakeUps: WakeUps,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Get('attempts')
  @ApiOperation({
    summary: 'What was sent to an endpoint and what it answered, the newest first; kept 30 days',
  })
  @ApiResponse({ status: 200, standardSchema: attemptPage })
  async list(
    @Param('id', idParam) id: string,
    @Query({ schema: attemptsQuery }) { limit, after, delivered }: AttemptsQuery,
  ) {
    await this.endpoints.known(this.db, id);
    const search = { limit: limit + 1, after, delivered: delivered && delivered === 'true' };
    return toPage(await this.attempts.page(this.db, id, search), limit, toAttemptView);
  }

  @Post('test')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a test.ping',
    description: 'What came back is in the attempts a moment later.',
  })
  @ApiResponse({ status: 202, standardSchema: queuedView })
  async test(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id', idParam) id: string,
  ) {
    return this.once.run(request, reply, async (work) => {
      await this.endpoints.enabled(work.trx, id);
      const messageId = await this.messages.addTest(work.trx, id, TEST_EVENT);
      work.afterCommit(() => this.wakeUps.wake('webhooks', { work: id }));
      return { status: 202, body: { messageId: messageName(messageId) } };
    });
  }

  @Post('replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send past events once more',
    description:
      'At most 30 days back. A message that was sent before keeps its webhook-id. They are queued in the background: "replaying" of the endpoint says how long.',
  })
  @ApiResponse({ status: 202, standardSchema: replayView })
  async replay(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id', idParam) id: string,
    @Body({ schema: replayBody }) body: ReplayRequest,
  ) {
    return this.once.run(request, reply, async (work) => {
      await this.replays.start(work, await this.endpoints.enabled(work.trx, id), body);
      return { status: 202, body: { status: 'queued' as const } };
    });
  }

  @Post('attempts/:attemptId/replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send the message of one attempt once more',
    description: 'Under its webhook-id.',
  })
  @ApiResponse({ status: 202, standardSchema: queuedView })
  async replayOne(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id', idParam) id: string,
    @Param('attemptId', idParam) attemptId: string,
  ) {
    return this.once.run(request, reply, async (work) => {
      await this.endpoints.enabled(work.trx, id);
      const attempt = await this.attempts.byId(work.trx, id, attemptId);
      if (!attempt || !(await this.messages.requeue(work.trx, id, attempt.message_id)))
        throw notFound('attempt', attemptId);
      work.afterCommit(() => this.wakeUps.wake('webhooks', { work: id }));
      return { status: 202, body: { messageId: messageName(attempt.message_id) } };
    });
  }
}
