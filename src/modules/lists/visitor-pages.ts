import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LinkToken, LinkTokens, TokenPurpose } from '../../platform/crypto/index.js';
import { ApiError, type FailureLimit } from '../../platform/http/index.js';
import type { PageData, PageName, Pages } from '../../platform/pages/index.js';
import type { Brand } from './lists.types.js';

/* What the public pages of several modules have in common. It stands here, below all of them, beside the brands. */

export interface VisitorPage<P extends PageName> {
  readonly page: P;
  readonly data: PageData[P];
  readonly brand: Brand;
  /** 200 when left out. */
  readonly status?: number;
  /** The person's own language, where it is known; else what the browser asks for. */
  readonly locale?: string | null;
}

/** Answers with a public page in the look of a brand. */
export async function sendPage<P extends PageName>(
  pages: Pages,
  request: FastifyRequest,
  reply: FastifyReply,
  { page, data, brand, status = 200, locale }: VisitorPage<P>,
): Promise<void> {
  const spoken = locale ?? spokenBy(request.headers['accept-language'] ?? '', pages.locales);
  const { html, headers } = pages.render(page, data, { locale: spoken, brand });
  await reply.status(status).headers(headers).send(html);
}

/** The first language of Accept-Language (RFC 9110 §12.5.4) that is among `locales`; English where none is. */
export function spokenBy(acceptLanguage: string, locales: readonly string[]): string {
  const wanted = acceptLanguage
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/\s*;\s*q=/);
      return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
    });
  for (const { tag, quality } of wanted.toSorted((a, b) => b.quality - a.quality)) {
    const found = locales.find((locale) => [tag, tag.split('-')[0]].includes(locale.toLowerCase()));
    if (found !== undefined && quality > 0) return found;
  }
  return 'en';
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
  const link = tokens.read(token, purpose);
  if (link) return link;
  await failures.count('token', request);
  throw new ApiError(404, 'not_found', 'This link is none of ours, or a part of it is missing');
}
