import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { KeyRing, LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, FailureLimit, Public, SharedRateLimits } from '../../platform/http/index.js';
import { Pages, type SubscribeErrors } from '../../platform/pages/index.js';
import { clientOf } from '../consent/index.js';
import { Lists, readLink, Senders, visitorLanguage, wishedLocale } from '../lists/index.js';
import { FormSeal, type FormSheet } from './form-seal.js';
import { MailDomains } from './mail-domains.js';
import { SignUpLimits } from './sign-up-limits.js';
import { SignUpPages } from './sign-up-pages.js';
import { SignUps } from './sign-ups.service.js';
import { sourcePage } from './source-page.js';
import { checkForm, isForeign, readForm, withoutBroken, type ValidForm } from './subscribe-form.js';

/** Nobody reads a form and fills it in so quickly; what fills in for people does not press the button. In milliseconds. */
const LEAST_MS = 2_000;

/**
 * The sign-up form for visitors: `GET /subscribe`, `POST /subscribe`. The POST stores one row and answers, whoever it is about; the
 * rest is done by a worker (`SignUps`), so neither the answer nor its time tells whether an address is known.
 */
@ApiExcludeController()
@Public()
@Controller('subscribe')
export class SubscribeController {
  private readonly limits: SignUpLimits;

  constructor(
    private readonly signUps: SignUps,
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly seal: FormSeal,
    private readonly answers: SignUpPages,
    private readonly domains: MailDomains,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
    counters: SharedRateLimits,
    keys: KeyRing,
  ) {
    this.limits = new SignUpLimits(counters, keys);
  }

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
    await this.answers.form(request, reply, { offered, form: readForm({}), errors: {} });
  }

  @Post()
  @HttpCode(200)
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // A form on another website may read the answer: it is the same for everybody, and there is no session that it could use.
    void reply.header('Access-Control-Allow-Origin', '*');
    await this.limits.countBlock(request.ip);
    const foreign = isForeign(request);
    const form = foreign ? withoutBroken(readForm(request.body)) : readForm(request.body);
    const open = await this.lists.open(this.db);
    const opened = form.started === '' ? undefined : this.seal.open(form.started);
    const offered = opened ? open.filter(({ slug }) => opened.shown.offered.includes(slug)) : open;
    // Against what the form offered: its sealed words speak of no other list.
    const checked = checkForm(form, offered);
    const errors: SubscribeErrors = {
      ...(foreign
        ? { form: 'charset' }
        : form.started !== '' && !opened
          ? { form: 'expired' }
          : (opened?.ageMs ?? LEAST_MS) < LEAST_MS && { form: 'tooFast' }),
      ...(!checked.ok && checked.errors),
    };
    if (!checked.ok || Object.keys(errors).length > 0) {
      await this.answers.form(request, reply, { offered, form, errors });
      return;
    }
    const wait = await this.limits.countLists(form.lists);
    if (wait !== undefined) {
      void reply.header('Retry-After', wait);
      await this.answers.form(request, reply, { offered, form, errors: { form: 'tooMany' }, status: 429 });
      return;
    }
    const brand = await this.senders.brandOf(this.db, checked.form.lists[0]);
    const id = await this.take(request, checked.form, form.trapped, opened?.shown);
    await this.answers.sent(request, reply, {
      email: checked.form.address.typed,
      brand,
      inboxUrl: this.config.env.SMTP_URL === undefined ? '/inbox' : null,
      statusUrl: this.domains.asks ? `/subscribe/status/${this.tokens.make('status', id)}` : null,
    });
  }

  /** Says more than the page after the form in one case only: the domain takes no mail at all. */
  @Get('status/:token')
  async status(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    void reply.header('Access-Control-Allow-Origin', '*');
    const { subject } = await readLink(this, request, token, 'status');
    const refused = await this.signUps.refused(this.db, subject);
    const brand = await this.senders.brandOf(this.db, refused?.lists[0]);
    if (refused) await this.answers.refused(request, reply, { ...refused, brand });
    else await this.answers.sent(request, reply, { email: null, brand, inboxUrl: null, statusUrl: null });
  }

  /** What a robot sent, and what comes for one address too often, is answered as ever and goes nowhere. */
  private async take(
    request: FastifyRequest,
    { address, lists, name, locale }: ValidForm,
    trapped: boolean,
    seen: FormSheet | undefined,
  ): Promise<string> {
    const surplus = await this.limits.countAddress(address.canonical);
    const spoken = visitorLanguage(this.pages, request);
    const brand = await this.senders.brandOf(this.db, lists[0]);
    const { text, version, policyVersion } = seen ?? (await this.answers.sheet(spoken, brand, lists));
    const proof = {
      text,
      textVersion: version,
      ...(policyVersion !== null && { policyVersion }),
      source: sourcePage(request.headers.referer, `${this.config.publicUrl}/subscribe`),
      ...clientOf(request),
    };
    if (trapped || surplus) return newId();
    return this.db.work((work) =>
      this.signUps.accept(work, address, {
        lists: lists.map(({ id }) => id),
        name,
        locale: locale ?? wishedLocale(this.pages, request),
        proof,
      }),
    );
  }
}
