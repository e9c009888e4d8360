import type { Brand } from '../../platform/pages/index.js';

/** The inbox is the operator's, so it wears the colours of Postrider and not those of a brand. */
const brand: Brand = {
  name: 'Postrider',
  logoUrl: null,
  colour: '#b4441c',
  postalAddress: null,
  websiteUrl: null,
};

export const INBOX_LOOK = { locale: 'en', brand };
