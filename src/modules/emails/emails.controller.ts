import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, Once, type Page } from '../../platform/http/index.js';
import {
  acceptedEmail,
  emailPage,
  emailSearch,
  emailView,
  newEmail,
  type AcceptedEmail,
  type EmailSearch,
  type EmailSummary,
  type EmailView,
  type NewEmail,
} from './emails.schemas.js';
import { Emails } from './emails.service.js';

@ApiTags('Emails')
@Needs('emails')
@Controller('v1/emails')
export class EmailsController {
  constructor(
    private readonly emails: Emails,
    private readonly once: Once,
  ) {}

  @Post()
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
