import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, Public, PublicRateLimit } from '../../platform/http/index.js';
import { Pages, type SubscribeErrors } from '../../platform/pages/index.js';
import { clientOf } from '../consent/index.js';
import { Lists, sendPage, Senders, type Brand, type List } from '../lists/index.js';
import { CONSENT_TEXT_VERSION, consentText } from './consent-text.js';
import { FormSeal, type FormSheet } from './form-seal.js';
import { OptIn } from './opt-in.service.js';
import { checkForm, readForm, type SubscribeForm, type ValidForm } from './subscribe-form.js';
import { sourcePage } from './source-page.js';

/**
 * Every answer to the form takes at least this long, in milliseconds: the work for an address that is new, known, confirmed or a
 * robot's differs by some milliseconds, and a stopwatch must not tell which of them it was.
 */
const ANSWER_AFTER_MS = 300;
const FORMS_A_MINUTE = 30;

/** The sign-up form for visitors: `GET /subscribe`, `POST /subscribe`. */
@ApiExcludeController()
@Public()
@Controller('subscribe')
export class SubscribeController {
  constructor(
    private readonly optIn: OptIn,
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly seal: FormSeal,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
  ) {}

  /** All public lists, or those that the query names. */
  @Get()
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    const open = await this.lists.open(this.db);
    const { lists: named } = readForm(query);
    const offered = named.length === 0 ? open : open.filter(({ slug }) => named.includes(slug));
    if (offered.length < named.length)
      throw new ApiError(404, 'not_found', 'There is no such list to subscribe to');
    await this.form(request, reply, {
      offered,
      brand: await this.senders.brandOf(this.db, offered[0]),
      form: readForm({}),
      errors: {},
    });
  }

  @Post()
  @UseGuards(PublicRateLimit)
  @Throttle({ default: { limit: FORMS_A_MINUTE, ttl: 60_000 } })
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = readForm(request.body);
    const open = await this.lists.open(this.db);
    const sheet = form.started === '' ? undefined : this.seal.open(form.started);
    const offered = sheet ? open.filter(({ slug }) => sheet.offered.includes(slug)) : open;
    const brand = await this.senders.brandOf(this.db, offered[0]);
    const checked = checkForm(form, open);
    const errors = {
      ...(form.started !== '' && !sheet && { form: 'expired' as const }),
      ...(!checked.ok && checked.errors),
    };
    if (!checked.ok || Object.keys(errors).length > 0) {
      await this.form(request, reply, { offered, brand, form, errors });
      return;
    }
    const shown = sheet ?? sheetFor(brand, checked.form.lists);
    await Promise.all([
      delay(ANSWER_AFTER_MS),
      form.trapped ? undefined : this.ask(request, checked.form, shown),
    ]);
    await sendPage(this.pages, request, reply, {
      page: 'check-your-inbox',
      data: {
        email: checked.form.address.typed,
        inboxUrl: this.config.env.SMTP_URL === undefined ? '/inbox' : null,
      },
      brand,
      locale: checked.form.locale,
    });
  }

  private async ask(
    request: FastifyRequest,
    { address, lists, name, locale }: ValidForm,
    shown: FormSheet,
  ): Promise<void> {
    const proof = {
      text: shown.text,
      textVersion: shown.version,
      source: sourcePage(request.headers.referer, `${this.config.publicUrl}/subscribe`),
      ...clientOf(request),
    };
    await this.db.work((work) =>
      this.optIn.ask(work, { address, lists, name, locale, proof, wins: 'stored' }),
    );
  }

  private async form(
    request: FastifyRequest,
    reply: FastifyReply,
    {
      offered,
      brand,
      form,
      errors,
    }: { offered: readonly List[]; brand: Brand; form: SubscribeForm; errors: SubscribeErrors },
  ): Promise<void> {
    const sheet = sheetFor(brand, offered);
    await sendPage(this.pages, request, reply, {
      page: 'subscribe',
      data: {
        lists: offered.map(({ slug, name, description }) => ({
          slug,
          name,
          description,
          checked: form.lists.includes(slug),
        })),
        values: { email: form.email, name: form.name },
        errors,
        consentText: sheet.text,
        started: this.seal.seal(sheet),
      },
      brand,
      status: Object.keys(errors).length > 0 ? 422 : 200,
      locale: form.locale || null,
    });
  }
}

function sheetFor(brand: Brand, offered: readonly List[]): FormSheet {
  return {
    text: consentText(brand.name, offered),
    version: CONSENT_TEXT_VERSION,
    offered: offered.map(({ slug }) => slug),
  };
}
