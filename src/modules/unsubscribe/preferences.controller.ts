import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { FailureLimit, Public } from '../../platform/http/index.js';
import { Pages } from '../../platform/pages/index.js';
import { clientOf } from '../consent/index.js';
import { formTexts, readLink, sendPage, Senders } from '../lists/index.js';
import { Unsubscribe, type Received } from './unsubscribe.service.js';

/** The link at the foot of every mail: what a person receives, and leaving any of it. Joining is a new opt-in. */
@ApiExcludeController()
@Public()
@Controller('preferences')
export class PreferencesController {
  constructor(
    private readonly unsubscribe: Unsubscribe,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly db: Database,
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'preferences');
    await this.page(request, reply, await this.unsubscribe.received(this.db, subject), false);
  }

  /** The page names the lists that it showed, so an empty POST, such as a scanner's, leaves nothing. */
  @Post(':token')
  @HttpCode(200)
  async save(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'preferences');
    const choice = { shown: formTexts(request.body, 'shown'), kept: formTexts(request.body, 'list') };
    const from = { source: 'preferences page', ...clientOf(request) };
    const received = await this.db.work((work) => this.unsubscribe.keep(work, subject, choice, from));
    await this.page(request, reply, received, true);
  }

  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    received: Received | undefined,
    saved: boolean,
  ): Promise<void> {
    const lists = received?.lists ?? [];
    await sendPage(this.pages, request, reply, {
      page: 'preferences',
      data: {
        maskedEmail: maskAddress(received?.person.address ?? ''),
        lists: lists.map(({ slug, name, description }) => ({ slug, name, description })),
        saved,
      },
      brand: await this.senders.brandOf(this.db, lists[0]),
      locale: received?.person.locale ?? null,
    });
  }
}
