import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress } from '../../domain/index.js';
import type { LinkToken } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, Public } from '../../platform/http/index.js';
import {
  Choices,
  frequencies,
  leavingReasons,
  pauses,
  Subscriptions,
  type SubscriptionInFull,
} from '../subscribers/index.js';
import { readLeaving, type LeavingAct } from './leaving-form.js';
import { UndoSeal, type Left } from './undo-seal.js';
import { Unsubscribe } from './unsubscribe.service.js';
import { Visit, type PageFor } from './visit.js';

const PAGE = '/unsubscribe';

/**
 * The link in List-Unsubscribe and at the foot of every news mail. GET (and HEAD) show a page and change nothing, since scanners fetch
 * links. POST leaves, as one-click (RFC 8058) or from the page's button: 200, no redirect, no cookie, as often as it comes. The page
 * offers less than leaving too: a pause, fewer mails.
 */
@ApiExcludeController()
@Public()
@Controller('unsubscribe')
export class UnsubscribeController {
  constructor(
    private readonly visit: Visit,
    private readonly unsubscribe: Unsubscribe,
    private readonly subscriptions: Subscriptions,
    private readonly choices: Choices,
    private readonly undo: UndoSeal,
    private readonly db: Database,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'unsubscribe');
    const subscription = await this.subscriptions.byId(this.db, subject);
    const data = {
      list: subscription?.list.name ?? null,
      isOn: subscription?.status === 'confirmed',
      maskedEmail: maskAddress(subscription?.person.address ?? ''),
      preferencesUrl: this.preferencesUrl(subscription),
      reasons: leavingReasons,
      pauses,
      frequencies,
    };
    await this.visit.answer(request, reply, 'unsubscribe', data, forWhom(subscription));
  }

  @Post(':token')
  @HttpCode(200)
  async act(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const link = await this.visit.link(request, token, 'unsubscribe');
    const act = readLeaving(request.body);
    if (act.kind === 'leave') return this.leave(request, reply, link, act);
    const subscription = await this.subscriptions.byId(this.db, link.subject);
    if (act.kind === 'undo') return this.takeBack(request, reply, link.subject, subscription, act.seal);
    return this.ease(request, reply, subscription, act);
  }

  private async leave(
    request: FastifyRequest,
    reply: FastifyReply,
    link: LinkToken,
    { scope, oneClick, why }: Extract<LeavingAct, { kind: 'leave' }>,
  ): Promise<void> {
    const proof = this.visit.proof(request, oneClick ? 'one-click' : PAGE, null);
    const leaving = await this.db.work((work) => this.unsubscribe.leave(work, link, scope, proof, why));
    await this.gone(request, reply, link.subject, leaving?.subscription, scope, leaving?.left ?? null);
  }

  private async takeBack(
    request: FastifyRequest,
    reply: FastifyReply,
    subject: string,
    subscription: SubscriptionInFull | undefined,
    field: string,
  ): Promise<void> {
    const left = this.undo.open(subject, field);
    if (!left)
      throw new ApiError(
        410,
        'undo_expired',
        'This can be undone for half an hour only. Subscribe again at /subscribe.',
      );
    const say = this.visit.says(request, subscription?.person);
    const proof = this.visit.proof(request, PAGE, say('unsubscribed.undo'));
    const revived = await this.db.work(({ trx }) => this.choices.undo(trx, left.ids, left.leftAt, proof));
    // A second press finds them on the list: "you are unsubscribed" would be untrue.
    const isOn = revived > 0 || subscription?.status === 'confirmed';
    if (isOn && subscription) return this.staying(request, reply, subscription, 'undone');
    await this.gone(request, reply, subject, subscription, 'list', null);
  }

  private async ease(
    request: FastifyRequest,
    reply: FastifyReply,
    subscription: SubscriptionInFull | undefined,
    { change, days }: Extract<LeavingAct, { kind: 'ease' }>,
  ): Promise<void> {
    // Whoever is not on the list gets none of it, which is less than what was asked for.
    if (subscription?.status !== 'confirmed')
      return this.gone(request, reply, subscription?.id ?? '', subscription, 'list', null);
    const { id, list, person } = subscription;
    const words = this.visit.says(request, person)(`choice.${change}.${days}`);
    const proof = this.visit.proof(request, PAGE, `${list.name}: ${words}`);
    await this.db.work(({ trx }) =>
      change === 'pause'
        ? this.choices.pause(trx, [id], days, proof)
        : this.choices.setFrequency(trx, [id], days, proof),
    );
    await this.staying(request, reply, subscription, change);
  }

  private async staying(
    request: FastifyRequest,
    reply: FastifyReply,
    subscription: SubscriptionInFull,
    change: 'pause' | 'fewer' | 'undone',
  ): Promise<void> {
    const { id, personId, list, person } = subscription;
    const now = (await this.choices.ofPerson(this.db, personId)).find((choice) => choice.id === id);
    const data = {
      change,
      list: list.name,
      maskedEmail: maskAddress(person.address ?? ''),
      pausedUntil: now?.pausedUntil ?? null,
      minDaysBetween: now?.minDaysBetween ?? null,
      preferencesUrl: this.preferencesUrl(subscription),
    };
    await this.visit.answer(request, reply, 'staying', data, forWhom(subscription));
  }

  private async gone(
    request: FastifyRequest,
    reply: FastifyReply,
    subject: string,
    subscription: SubscriptionInFull | undefined,
    scope: 'list' | 'all',
    left: Left | null,
  ): Promise<void> {
    const list = scope === 'all' ? undefined : subscription?.list;
    const isOpen = list?.visibility === 'public' && list.archivedAt === null;
    const data = {
      list: list?.name ?? null,
      maskedEmail: maskAddress(subscription?.person.address ?? ''),
      subscribeUrl: isOpen ? `/subscribe?list=${list.slug}` : '/subscribe',
      undo: left && this.undo.seal(subject, left),
    };
    await this.visit.answer(request, reply, 'unsubscribed', data, forWhom(subscription));
  }

  private preferencesUrl(subscription: SubscriptionInFull | undefined): string | null {
    return subscription && subscription.person.erasedAt === null
      ? this.visit.path('preferences', 'preferences', subscription.personId)
      : null;
  }
}

function forWhom(subscription: SubscriptionInFull | undefined): PageFor {
  return { person: subscription?.person, list: subscription?.list };
}
