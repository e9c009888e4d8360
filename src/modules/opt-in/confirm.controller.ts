import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, FailureLimit, Public } from '../../platform/http/index.js';
import { Pages, type PageData } from '../../platform/pages/index.js';
import { clientOf } from '../consent/index.js';
import { formTexts, readLink, sendPage, Senders } from '../lists/index.js';
import { Confirmations, type Confirmation } from './confirmations.service.js';
import { SignUpPages } from './sign-up-pages.js';

/** Behind the button of the confirmation mail. Scanners of mail fetch links, so only the POST confirms. */
@ApiExcludeController()
@Public()
@Controller('confirm')
export class ConfirmController {
  constructor(
    private readonly confirmations: Confirmations,
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly answers: SignUpPages,
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
    await this.answer(request, reply, token, await this.confirmations.look(this.db, subject));
  }

  /** The page names the lists that it showed, so what was asked for while it lay open is not confirmed unseen. */
  @Post(':token')
  @HttpCode(200)
  async confirm(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'confirm');
    const client = { source: `${this.config.publicUrl}/confirm`, ...clientOf(request) };
    const chosen = { shown: formTexts(request.body, 'shown'), ticked: formTexts(request.body, 'list') };
    const confirmation = await this.db.work((work) =>
      this.confirmations.confirm(work, subject, client, chosen),
    );
    await this.answer(request, reply, token, confirmation, true);
  }

  /** The button on the page of an expired link. It says the same whether a mail goes out or one is out already. */
  @Post(':token/again')
  @HttpCode(200)
  async again(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await readLink(this, request, token, 'confirm');
    const confirmation = await this.db.work((work) => this.confirmations.again(work, subject));
    if (confirmation?.state !== 'expired') {
      await this.answer(request, reply, token, confirmation);
      return;
    }
    const { person, lists } = confirmation;
    await this.answers.sent(request, reply, {
      email: maskAddress(person.address ?? ''),
      brand: await this.senders.brandOf(this.db, lists[0]),
      inboxUrl: this.config.env.SMTP_URL === undefined ? '/inbox' : null,
      statusUrl: null,
      locale: person.locale,
    });
  }

  /** @param pressed whether the button was pressed: a page that is still open then had nothing ticked */
  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
    confirmation: Confirmation | undefined,
    pressed = false,
  ): Promise<void> {
    if (!confirmation || confirmation.state === 'over') {
      throw new ApiError(
        410,
        'link_expired',
        'This link is no longer good. Use the newest one, or ask again at /subscribe.',
      );
    }
    const { state, lists, person } = confirmation;
    const look = {
      brand: await this.senders.brandOf(this.db, lists[0]),
      locale: person.locale,
      timezone: person.timezone,
    };
    const names = lists.map(({ name }) => name);
    const maskedEmail = maskAddress(person.address ?? '');
    if (state === 'confirmed') {
      await sendPage(this.pages, request, reply, {
        page: 'confirmed',
        data: { lists: names, maskedEmail },
        ...look,
      });
    } else if (state === 'expired') {
      const data = { lists: names, maskedEmail, againUrl: `/confirm/${token}/again` };
      await sendPage(this.pages, request, reply, { page: 'confirm-expired', data, status: 410, ...look });
    } else {
      const data: PageData['confirm'] = {
        lists: lists.map(({ slug, name, description }) => ({ slug, name, description })),
        maskedEmail,
        noneTicked: pressed,
      };
      await sendPage(this.pages, request, reply, {
        page: 'confirm',
        data,
        status: pressed ? 422 : 200,
        ...look,
      });
    }
  }
}
