import { isColour, readableOn, textOn } from './colour.js';

/** Who the page speaks for. */
export interface Brand {
  name: string;
  logoUrl: string | null;
  /** `#rrggbb` */
  colour: string;
  postalAddress: string | null;
  websiteUrl: string | null;
}

/** The house colour; its link colour in the dark was chosen by eye, and the mails use the same pair. */
const HOUSE = { colour: '#b4441c', darkLink: '#f0936b' };
/** The backgrounds that links and buttons stand on; the same values as in pages.css. */
const PAPER = '#faf8f5';
const CARD = '#ffffff';
const DARK_CARD = '#211e1b';

/** What keeps a brand off a page: thrown with the name of the value, because somebody has to correct it. */
function check(brand: Brand): void {
  if (!isColour(brand.colour)) {
    throw new Error(
      `The colour of brand "${brand.name}" is "${brand.colour}": six hex digits after #, as in #b4441c`,
    );
  }
  for (const [field, url] of [
    ['logoUrl', brand.logoUrl],
    ['websiteUrl', brand.websiteUrl],
  ] as const) {
    if (url !== null && !/^https?:\/\//i.test(url)) {
      throw new Error(
        `The ${field} of brand "${brand.name}" is "${url}": it must begin with https:// or http://`,
      );
    }
  }
}

/**
 * The brand as CSS variables: the colour, the text on it, links that can be read on the page in light and dark, and the edge that shows
 * where a button ends also when its colour is that of the card (3 : 1, WCAG 2.2 §1.4.11).
 */
export function brandCss(brand: Brand): string {
  check(brand);
  const colour = brand.colour.toLowerCase();
  const darkLink = colour === HOUSE.colour ? HOUSE.darkLink : readableOn(DARK_CARD, colour, 5);
  return (
    `:root{--accent:${colour};--on-accent:${textOn(colour)};` +
    `--link-light:${readableOn(PAPER, colour)};--link-dark:${darkLink};` +
    `--edge-light:${readableOn(CARD, colour, 3)};--edge-dark:${readableOn(DARK_CARD, colour, 3)}}`
  );
}

/** The first letter of the name, as a reader counts letters, for the stamp and the icon. */
export function initial(brand: Brand): string {
  const [first] = new Intl.Segmenter().segment(brand.name.trim());
  return (first?.segment ?? '·').toLocaleUpperCase();
}
