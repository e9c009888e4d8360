import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, FailureLimit, Public } from '../../platform/http/index.js';
import { Pages } from '../../platform/pages/index.js';
import { clientOf } from '../consent/index.js';
import { readLink, sendPage, Senders } from '../lists/index.js';
import { OptIn, type Confirmation } from './opt-in.service.js';

/** Behind the button of the confirmation mail. Scanners of mail fetch links, so only the POST confirms. */
@ApiExcludeController()
@Public()
@Controller('confirm')
export class ConfirmController {
  constructor(
    private readonly optIn: OptIn,
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'confirm');
    await this.answer(request, reply, await this.optIn.look(this.db, subject));
  }

  @Post(':token')
  @HttpCode(200)
  async confirm(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'confirm');
    const proof = { source: `${this.config.publicUrl}/confirm`, ...clientOf(request) };
    await this.answer(request, reply, await this.db.work((work) => this.optIn.confirm(work, subject, proof)));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    confirmation: Confirmation | undefined,
  ): Promise<void> {
    if (!confirmation || confirmation.state === 'over') {
      throw new ApiError(
        410,
        'link_expired',
        'This link is no longer good. Use the newest one, or ask again at /subscribe.',
      );
    }
    const { state, lists, person } = confirmation;
    await sendPage(this.pages, request, reply, {
      page: state === 'open' ? 'confirm' : 'confirmed',
      data: { lists: lists.map(({ name }) => name), maskedEmail: maskAddress(person.address ?? '') },
      brand: await this.senders.brandOf(this.db, lists[0]),
      locale: person.locale,
    });
  }
}
