import type { FastifyRequest } from 'fastify';
import { chooseLanguage } from '../../domain/index.js';
import type { Brand, PageLook, Pages } from '../../platform/pages/index.js';

/** The inbox is the operator's, so it wears the colours of Postrider and not those of a brand. */
const brand: Brand = {
  name: 'Postrider',
  logoUrl: null,
  colour: '#b4441c',
  postalAddress: null,
  websiteUrl: null,
};

/** In the language of the operator's browser. */
export function inboxLook(pages: Pages, { headers }: FastifyRequest): PageLook {
  return { locale: chooseLanguage({ header: headers['accept-language'] }, pages.locales), brand };
}
