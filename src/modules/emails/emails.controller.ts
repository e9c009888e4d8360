import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LARGEST_BODY, Needs, Once, TakesBody, type Page } from '../../platform/http/index.js';
import { EmailsBatch } from './emails-batch.service.js';
import {
  acceptedEmail,
  cancelledEmail,
  emailBatch,
  emailBatchAnswer,
  emailPage,
  emailSearch,
  emailView,
  newEmail,
  resentEmail,
  type AcceptedEmail,
  type CancelledEmail,
  type EmailBatch,
  type EmailBatchAnswer,
  type EmailSearch,
  type EmailSummary,
  type EmailView,
  type NewEmail,
  type ResentEmail,
} from './emails.schemas.js';
import { Emails } from './emails.service.js';

@ApiTags('Emails')
@Needs('emails')
@Controller('v1/emails')
export class EmailsController {
  constructor(
    private readonly emails: Emails,
    private readonly batch: EmailsBatch,
    private readonly once: Once,
  ) {}

  @Post()
  @TakesBody(LARGEST_BODY)
  @ApiOperation({
    summary: 'Send a mail',
    description:
      'To at most 50 recipients in all. Answers once the mail is stored; send an Idempotency-Key to be able to repeat the call.',
  })
  @ApiResponse({ status: 202, standardSchema: acceptedEmail })
  async send(
    @Body({ schema: newEmail }) mail: NewEmail,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedEmail> {
    const content = await this.emails.prepare(mail);
    return this.once.run(request, reply, async (work) => ({
      status: 202,
      body: await this.emails.accept(work, mail, content),
    }));
  }

  @Post('batch')
  @HttpCode(200)
  @TakesBody(LARGEST_BODY)
  @ApiOperation({
    summary: 'Send up to 100 mails',
    description:
      'Each on its own: an answer per item, and a mistake in one costs the others nothing. With an Idempotency-Key the same call can be made again, and sends nothing twice.',
  })
  @ApiResponse({ status: 200, standardSchema: emailBatchAnswer })
  async sendMany(
    @Body({ schema: emailBatch }) { emails }: EmailBatch,
    @Req() request: FastifyRequest,
  ): Promise<EmailBatchAnswer> {
    return this.batch.accept(request, emails);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel a mail that waits',
    description: 'Whoever waits for it (scheduled, queued, deferred) does not get it: skipped, "cancelled".',
  })
  @ApiResponse({ status: 200, standardSchema: cancelledEmail })
  @ApiResponse({ status: 409, description: 'Too late; the message says what state it is in.' })
  async cancel(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CancelledEmail> {
    return this.once.run(request, reply, async (work) => ({
      status: 200,
      body: await this.emails.cancel(work, id),
    }));
  }

  @Post(':id/resend')
  @ApiOperation({
    summary: 'Send a mail again',
    description:
      'A new mail with the same content to the same recipients, for as long as the content is kept.',
  })
  @ApiResponse({ status: 202, standardSchema: resentEmail })
  @ApiResponse({ status: 409, description: 'It is still on its way, or its content is no longer kept.' })
  async resend(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResentEmail> {
    return this.once.run(request, reply, async (work) => ({
      status: 202,
      body: await this.emails.resend(work, id),
    }));
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({ summary: 'Search the message log', description: 'Order and service mail, newest first.' })
  @ApiResponse({ status: 200, standardSchema: emailPage })
  async search(@Body({ schema: emailSearch }) search: EmailSearch): Promise<Page<EmailSummary>> {
    return this.emails.search(search);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'What became of a mail',
    description: 'Its state, each recipient, and what happened when.',
  })
  @ApiResponse({ status: 200, standardSchema: emailView })
  async find(@Param('id') id: string): Promise<EmailView> {
    return this.emails.find(id);
  }
}
