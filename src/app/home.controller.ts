import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayOpenInbox } from '../modules/inbox/index.js';
import { Senders, sendPage } from '../modules/lists/index.js';
import { Config } from '../platform/config/index.js';
import { Database } from '../platform/database/index.js';
import { Public } from '../platform/http/index.js';
import { Pages } from '../platform/pages/index.js';

/** The front door: says whose mail this is and where to subscribe. */
@ApiExcludeController()
@Public()
@Controller()
export class HomeController {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly senders: Senders,
    private readonly pages: Pages,
  ) {}

  @Get()
  async home(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const sender = await this.senders.first(this.db);
    if (!sender) throw new Error('The first sender is missing');
    const here = mayOpenInbox(request, this.config);
    const inboxUrl = this.config.env.SMTP_URL === undefined ? '/inbox' : null;
    await sendPage(this.pages, request, reply, {
      page: 'home',
      data: { operator: here ? { inboxUrl, docsUrl: '/docs' } : null },
      brand: sender.brand,
    });
  }
}
