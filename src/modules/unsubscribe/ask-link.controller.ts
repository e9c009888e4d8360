import { Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseAddress, type Address } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { Public, PublicRateLimit, SharedRateLimits } from '../../platform/http/index.js';
import { formTexts } from '../lists/index.js';
import { Links } from './links.service.js';
import { Visit } from './visit.js';

const FORMS_A_MINUTE = 10;
const HOUR_MS = 3_600_000;
/** For one address, whoever asks. The page says nothing of it, and a worker sends at most three in a day. */
const REQUESTS_AN_HOUR = 5;

/** `/preferences` for who has no mail of ours at hand: a link comes by mail. The answer is the same whether the address is known or not. */
@ApiExcludeController()
@Public()
@Controller('preferences')
export class AskLinkController {
  constructor(
    private readonly visit: Visit,
    private readonly links: Links,
    private readonly limits: SharedRateLimits,
    private readonly keys: KeyRing,
    private readonly db: Database,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.visit.answer(request, reply, 'ask-link', { email: '', error: null }, {});
  }

  @Post()
  @HttpCode(200)
  @UseGuards(PublicRateLimit)
  @Throttle({ default: { limit: FORMS_A_MINUTE, ttl: 60_000 } })
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const email = (formTexts(request.body, 'email')[0] ?? '').slice(0, 1_000);
    const parsed = parseAddress(email);
    if (!parsed.ok) {
      const error = email.trim() === '' ? ('missing' as const) : ('invalid' as const);
      await this.visit.answer(request, reply, 'ask-link', { email, error }, { status: 422 });
      return;
    }
    const { address } = parsed;
    if (await this.hasRoom(address)) await this.db.work((work) => this.links.ask(work, address));
    await this.visit.answer(request, reply, 'link-sent', { state: 'asked', email: address.typed }, {});
  }

  private async hasRoom({ canonical }: Address): Promise<boolean> {
    const key = `link ${this.keys.hash('form', canonical).toString('base64url')}`;
    const hit = await this.limits.increment(key, HOUR_MS, REQUESTS_AN_HOUR, HOUR_MS);
    return !hit.isBlocked;
  }
}
