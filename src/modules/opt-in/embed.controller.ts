import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/index.js';
import { Database } from '../../platform/database/index.js';
import { Public } from '../../platform/http/index.js';
import { Pages } from '../../platform/pages/index.js';
import { Policies } from '../consent/index.js';
import {
  formTexts,
  Lists,
  sendPage,
  Senders,
  visitorLanguage,
  type Brand,
  type List,
} from '../lists/index.js';
import { FormSeal } from './form-seal.js';
import { SignUpPages } from './sign-up-pages.js';
import { snippet } from './snippet.js';

/** `pages/` lies as far above this file in the sources as in the build. */
const SCRIPT = readFileSync(new URL('../../../pages/embed/subscribe.js', import.meta.url), 'utf8');
const ETAG = `"${createHash('sha256').update(SCRIPT).digest('base64url').slice(0, 22)}"`;

/** What shops put into pages of their own: the script behind a form, and the page that hands out the form. */
@ApiExcludeController()
@Public()
@Controller()
export class EmbedController {
  constructor(
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly policies: Policies,
    private readonly seal: FormSeal,
    private readonly answers: SignUpPages,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
  ) {}

  /** Its URL stands in pages for years: kept for a day, shown while it is fetched anew for a month more. */
  @Get('embed/subscribe.js')
  async script(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    void reply.headers({
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=86400, stale-while-revalidate=2592000',
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
      ETag: ETAG,
    });
    if (request.headers['if-none-match'] === ETAG) await reply.status(304).send();
    else await reply.send(SCRIPT);
  }

  /** The lists that the query names are in the form; the first one where it names none. */
  @Get('docs/sign-up-form')
  async page(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    const open = await this.lists.open(this.db);
    const named = formTexts(query, 'list');
    const chosen = named.length === 0 ? open.slice(0, 1) : open.filter(({ slug }) => named.includes(slug));
    const brand = await this.senders.brandOf(this.db, chosen[0]);
    const locale = visitorLanguage(this.pages, request);
    await sendPage(this.pages, request, reply, {
      page: 'docs/sign-up-form',
      data: {
        lists: open.map((list) => ({
          slug: list.slug,
          name: list.name,
          description: list.description,
          checked: chosen.includes(list),
        })),
        locales: this.pages.locales.map((tag) => ({
          tag,
          name: new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag,
          chosen: locale.split('-')[0] === tag || locale === tag,
        })),
        snippet: chosen.length > 0 ? await this.snippetFor(locale, brand, chosen) : null,
        publicUrl: this.config.publicUrl,
        hostedUrl: `${this.config.publicUrl}/subscribe?${chosen.map(({ slug }) => `list=${slug}`).join('&')}`,
      },
      brand,
    });
  }

  private async snippetFor(locale: string, brand: Brand, lists: readonly List[]): Promise<string> {
    const say = (key: string, variables = {}) => this.pages.say(locale, key, variables);
    const policy = await this.policies.current(this.db);
    return snippet(this.seal, {
      publicUrl: this.config.publicUrl,
      locale,
      lists,
      sheet: await this.answers.sheet(locale, brand, lists),
      words: {
        email: say('subscribe.email'),
        name: `${say('subscribe.name')} (${say('subscribe.optional')})`,
        lists: say('subscribe.lists'),
        trap: say('subscribe.trap'),
        button: say('subscribe.button'),
        policy: policy ? { before: say('subscribe.policy'), link: say('embed.policy') } : null,
      },
    });
  }
}
