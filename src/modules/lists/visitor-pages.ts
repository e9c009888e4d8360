import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseLanguage, languageFor, wishedLanguage } from '../../domain/index.js';
import type { LinkToken, LinkTokens, TokenPurpose } from '../../platform/crypto/index.js';
import { ApiError, type FailureLimit } from '../../platform/http/index.js';
import type { LanguageLink, PageData, PageName, Pages } from '../../platform/pages/index.js';
import type { Brand } from './lists.types.js';

/* What the public pages of several modules have in common. It stands here, below all of them, beside the brands. */

export interface VisitorPage<P extends PageName> {
  readonly page: P;
  readonly data: PageData[P];
  readonly brand: Brand;
  /** 200 when left out. */
  readonly status?: number;
  /** The person's own language, where it is known; else what the form or the address says, then what the browser asks for. */
  readonly locale?: string | null | undefined;
  /** The person's own time zone, where it is known; else the shop's. */
  readonly timezone?: string | null | undefined;
}

/** Answers with a public page in the look of a brand. */
export async function sendPage<P extends PageName>(
  pages: Pages,
  request: FastifyRequest,
  reply: FastifyReply,
  { page, data, brand, status = 200, locale: person, timezone }: VisitorPage<P>,
): Promise<void> {
  const locale = visitorLanguage(pages, request, person);
  const languages = person ? [] : languageLinks(pages, request, locale);
  const { html, headers } = pages.render(page, data, { locale, brand, timezone, languages });
  await reply.status(status).headers(headers).send(html);
}

/** The locale to speak to whoever made this request: see `chooseLanguage`. */
export function visitorLanguage(
  pages: Pages,
  { query, body, headers }: FastifyRequest,
  person?: string | null,
): string {
  const form = formTexts(body, 'locale')[0] ?? formTexts(query, 'locale')[0];
  return chooseLanguage({ person, form, header: headers['accept-language'] }, pages.locales);
}

/** The locale that a visitor's browser asks for, as far as a language serves it: for a form that names none. */
export function wishedLocale(pages: Pages, { headers }: FastifyRequest): string | null {
  return wishedLanguage({ header: headers['accept-language'] }, pages.locales) ?? null;
}

/** The same page in the languages that there are; none where the address alone would not bring the page back. */
function languageLinks(pages: Pages, { method, url }: FastifyRequest, spoken: string): LanguageLink[] {
  if (method !== 'GET' || pages.locales.length < 2) return [];
  const language = languageFor(spoken, pages.locales);
  return pages.locales
    .filter((locale) => locale !== language)
    .map((locale) => {
      const there = new URL(url, 'http://here');
      there.searchParams.set('locale', locale);
      const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
      return { locale, name, url: there.search };
    });
}

/** The texts of one field of a form, urlencoded or multipart: it may be missing, there many times, or a file. */
export function formTexts(body: unknown, field: string): string[] {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, field)) return [];
  const value = (body as Record<string, unknown>)[field];
  return (Array.isArray(value) ? value : [value]).filter((part) => typeof part === 'string');
}

/**
 * The content of a link's token.
 * @throws 404 for one that was forged, cut or made for something else; 429 for who tries many
 */
export async function readLink(
  { tokens, failures }: { tokens: LinkTokens; failures: FailureLimit },
  request: FastifyRequest,
  token: string,
  purpose: TokenPurpose,
): Promise<LinkToken> {
  const link =
    tokens.read(token, purpose) ?? ((await tokens.learn(token)) ? tokens.read(token, purpose) : undefined);
  if (link) return link;
  await failures.count('token', request);
  throw new ApiError(404, 'not_found', 'This link is none of ours, or a part of it is missing');
}
