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
import { Subscriptions, type SubscriptionInFull } from '../subscribers/index.js';
import { Unsubscribe } from './unsubscribe.service.js';

/**
 * The link in List-Unsubscribe and at the foot of every news mail. GET (and HEAD) show a page and change nothing, since scanners fetch
 * links. POST leaves, from the page's button or as one-click (RFC 8058): 200, no redirect, no cookie, as often as it comes.
 */
@ApiExcludeController()
@Public()
@Controller('unsubscribe')
export class UnsubscribeController {
  constructor(
    private readonly unsubscribe: Unsubscribe,
    private readonly subscriptions: Subscriptions,
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
    const { subject } = await readLink(this, request, token, 'unsubscribe');
    const subscription = await this.subscriptions.byId(this.db, subject);
    await sendPage(this.pages, request, reply, {
      page: 'unsubscribe',
      data: {
        list: subscription?.list.name ?? null,
        maskedEmail: maskAddress(subscription?.person.address ?? ''),
      },
      ...(await this.look(subscription)),
    });
  }

  @Post(':token')
  @HttpCode(200)
  async leave(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const link = await readLink(this, request, token, 'unsubscribe');
    const scope = formTexts(request.body, 'scope').includes('all') ? 'all' : 'list';
    const source = formTexts(request.body, 'List-Unsubscribe').includes('One-Click')
      ? 'one-click'
      : 'unsubscribe page';
    const from = { source, ...clientOf(request) };
    const subscription = await this.db.work((work) => this.unsubscribe.leave(work, link, scope, from));
    const list = scope === 'all' ? undefined : subscription?.list;
    await sendPage(this.pages, request, reply, {
      page: 'unsubscribed',
      data: {
        list: list?.name ?? null,
        maskedEmail: maskAddress(subscription?.person.address ?? ''),
        subscribeUrl:
          list?.visibility === 'public' && list.archivedAt === null
            ? `/subscribe?list=${list.slug}`
            : '/subscribe',
      },
      ...(await this.look(subscription)),
    });
  }

  private async look(subscription: SubscriptionInFull | undefined) {
    const brand = await this.senders.brandOf(this.db, subscription?.list);
    return { brand, locale: subscription?.person.locale ?? null };
  }
}
