import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/index.js';
import { LinkTokens, type LinkToken, type TokenPurpose } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { FailureLimit } from '../../platform/http/index.js';
import { Pages, type PageData, type PageName } from '../../platform/pages/index.js';
import { clientOf, type ConsentProof } from '../consent/index.js';
import { readLink, sendPage, Senders, visitorLanguage, type List } from '../lists/index.js';
import type { Person } from '../subscribers/index.js';

/** Whom a page is for and in whose name it speaks, as far as that is known. */
export interface PageFor {
  readonly person?: Pick<Person, 'locale' | 'timezone'> | undefined;
  readonly list?: Pick<List, 'senderId'> | undefined;
  /** 200 when left out. */
  readonly status?: number;
}

/** A phrase of the pages, in the language that the visitor reads. */
export type Say = (key: string, variables?: Readonly<Record<string, string | number>>) => string;

/** What every page behind a link does: read the token, say what was said, answer in the person's language and the brand's look. */
@Injectable()
export class Visit {
  constructor(
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
  ) {}

  /** @throws 404 for a token that was forged, cut or made for something else; 429 for who tries many */
  async link(request: FastifyRequest, token: string, purpose: TokenPurpose): Promise<LinkToken> {
    return readLink(this, request, token, purpose);
  }

  /** The path of a page behind a new token. */
  path(page: string, purpose: TokenPurpose, subject: string): string {
    return `/${page}/${this.tokens.make(purpose, subject)}`;
  }

  /** The languages that the pages speak. */
  get languages(): readonly string[] {
    return this.pages.locales;
  }

  /** For the words that go into the ledger: they are those of the page that the visitor saw. */
  says(request: FastifyRequest, person: Pick<Person, 'locale'> | undefined): Say {
    const locale = visitorLanguage(this.pages, request, person?.locale);
    return (key, variables) => this.pages.say(locale, key, variables);
  }

  /** @param source the page, without its token; or "one-click" @param text the words that were seen; null where the act needs none */
  proof(request: FastifyRequest, source: string, text: string | null): ConsentProof {
    const page = source.startsWith('/') ? `${this.config.publicUrl}${source}` : source;
    return { text, source: page, ...clientOf(request) };
  }

  async answer<P extends PageName>(
    request: FastifyRequest,
    reply: FastifyReply,
    page: P,
    data: PageData[P],
    { person, list, status = 200 }: PageFor,
  ): Promise<void> {
    await sendPage(this.pages, request, reply, {
      page,
      data,
      status,
      brand: await this.senders.brandOf(this.db, list),
      locale: person?.locale,
      timezone: person?.timezone,
    });
  }
}
