import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageFor, maskAddress } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { Public } from '../../platform/http/index.js';
import { frequencies, pauses } from '../subscribers/index.js';
import { Links } from './links.service.js';
import { readPreferences, type PreferencesErrors, type PreferencesForm } from './preferences-form.js';
import { Preferences, type Received } from './preferences.service.js';
import { Visit } from './visit.js';

const PAGE = '/preferences';

/** The link at the foot of every mail: what a person receives, how often, in which language. Joining is a new opt-in. */
@ApiExcludeController()
@Public()
@Controller('preferences')
export class PreferencesController {
  constructor(
    private readonly visit: Visit,
    private readonly preferences: Preferences,
    private readonly links: Links,
    private readonly db: Database,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'preferences');
    await this.page(request, reply, token, await this.preferences.of(this.db, subject));
  }

  @Post(':token')
  @HttpCode(200)
  async save(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'preferences');
    const { languages } = this.visit;
    const before = await this.preferences.of(this.db, subject);
    const { form, errors } = readPreferences(request.body, languages);
    if (Object.keys(errors).length > 0) {
      await this.page(request, reply, token, before, { typed: form, errors });
      return;
    }
    const saying = {
      say: this.visit.says(request, before?.person),
      languages,
      proof: (text: string | null) => this.visit.proof(request, PAGE, text),
    };
    await this.db.work((work) => this.preferences.save(work, subject, form, saying));
    await this.page(request, reply, token, await this.preferences.of(this.db, subject), { saved: true });
  }

  /** The button "send me a link", for what needs the owner of the address. */
  @Post(':token/link')
  @HttpCode(200)
  async sendLink(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'preferences');
    const received = await this.preferences.of(this.db, subject);
    const sent = received && (await this.db.work((work) => this.links.send(work, received.person)));
    const data = {
      state: sent === false ? ('tooMany' as const) : ('sent' as const),
      email: received ? maskAddress(received.person.address ?? '') : null,
    };
    await this.visit.answer(request, reply, 'link-sent', data, { person: received?.person });
  }

  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
    received: Received | undefined,
    answer: { saved?: boolean; typed?: PreferencesForm; errors?: PreferencesErrors } = {},
  ): Promise<void> {
    const { saved = false, typed, errors = {} } = answer;
    const { person, lists = [], others = [], pausedUntil = null, tracking = null } = received ?? {};
    const speaks = languageFor(person?.locale ?? '', this.visit.languages);
    const data = {
      saved,
      errors,
      isKnown: person !== undefined,
      maskedEmail: maskAddress(person?.address ?? ''),
      lists: lists.map(({ slug, name, description, choice }) => ({
        slug,
        name,
        description,
        frequency: choice.minDaysBetween ?? ('all' as const),
      })),
      others: others.map(({ slug, name, description }) => ({ slug, name, description })),
      pausedUntil,
      name: typed?.typedName ?? person?.name ?? '',
      languages: this.visit.languages.map((locale) => ({ locale, chosen: locale === speaks })),
      pauses,
      frequencies: ['all' as const, ...frequencies],
      tracking,
      linkPath: `${PAGE}/${token}/link`,
    };
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    await this.visit.answer(request, reply, 'preferences', data, { person, list: lists[0], status });
  }
}
