import { Body, Controller, Delete, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Database, type Executor } from '../../platform/database/index.js';
import { invalid, Needs, notFound, Once, requireSender } from '../../platform/http/index.js';
import { Lists, type List } from '../lists/index.js';
import { Subscriptions } from '../subscribers/index.js';
import { askedView, resentView, subscribeBody, type Subscribe } from './opt-in.schemas.js';
import { OptInMailing } from './opt-in-mailing.js';
import { OptIn } from './opt-in.service.js';
import { SignUps } from './sign-ups.service.js';

@ApiTags('Subscriptions')
@Needs('subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly optIn: OptIn,
    private readonly signUps: SignUps,
    private readonly mailing: OptInMailing,
    private readonly lists: Lists,
    private readonly subscriptions: Subscriptions,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Subscribe a person to lists',
    description:
      'On lists with double opt-in the person is pending until the button in the confirmation mail is pressed. An address that does not ' +
      'answer gets one such mail in 24 hours: what is asked for meanwhile is confirmed by the link that is out already. Who is confirmed ' +
      'stays confirmed. Who has left must confirm again, on any list. A domain that takes no mail ends the subscription after the answer: ' +
      '`refused` of the subscriber says why.',
  })
  @ApiResponse({ status: 202, standardSchema: askedView })
  async subscribe(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: subscribeBody }) { email, lists: slugs, name, locale, attributes, consent }: Subscribe,
  ) {
    return this.once.run(request, reply, async (work) => {
      const lists = await this.joinable(work.trx, slugs);
      const asking = {
        address: email,
        lists,
        name,
        locale,
        attributes,
        proof: consent,
        wins: 'new' as const,
      };
      const { asked, mailing } = await this.optIn.ask(work, asking);
      await this.signUps.mailLater(work, email, mailing);
      return { status: 202, body: asked };
    });
  }

  @Post(':id/resend')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send the confirmation mail once more',
    description:
      'One mail for all that the person has not confirmed. 429 with Retry-After while a mail of the last 24 hours is unanswered, 409 ' +
      'for a subscription that is not pending.',
  })
  @ApiResponse({ status: 202, standardSchema: resentView })
  async resend(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id', { schema: z.uuid('the id in the path is not a UUID') }) id: string,
  ) {
    return this.once.run(request, reply, async (work) => {
      const { subscription, mailing } = await this.optIn.askAgain(work, id);
      await this.mailing.send(work, mailing);
      return { status: 202, body: { id: subscription.id, status: subscription.status } };
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'End a subscription',
    description: 'Mail to this list that waits is skipped. The row and its history stay.',
  })
  @ApiResponse({ status: 204, description: 'Ended, now or before' })
  async leave(
    @Param('id', { schema: z.uuid('the id in the path is not a UUID') }) id: string,
  ): Promise<void> {
    await this.db.work(async ({ trx }) => {
      const ended = await this.subscriptions.leave(trx, { id }, { text: null, source: 'api' });
      const isKnown = ended.length > 0 || (await this.subscriptions.byIds(trx, [id])).length > 0;
      if (!isKnown) throw notFound('subscription', id);
    });
  }

  private async joinable(executor: Executor, slugs: readonly string[]): Promise<List[]> {
    const lists = await this.lists.bySlugs(executor, slugs, 'lists');
    const archived = lists.findIndex(({ archivedAt }) => archivedAt !== null);
    if (archived >= 0)
      throw invalid(`lists.${archived}`, `the list "${slugs[archived]}" is archived and takes nobody`);
    // The mail that asks to confirm is made by a worker, who knows no key.
    for (const { senderSlug } of lists) requireSender(senderSlug);
    return lists.filter(({ id }, index) => lists.findIndex((list) => list.id === id) === index);
  }
}
