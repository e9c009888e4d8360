import { convert, type HtmlToTextOptions } from 'html-to-text';
import { shieldLiquid } from './liquid-tokens.js';

const OPTIONS: HtmlToTextOptions = {
  // Lines stay whole: merge tags have no length yet, and mail programs wrap text themselves.
  wordwrap: false,
  // The walk is recursive, and a body of a megabyte could nest a hundred thousand elements.
  limits: { maxDepth: 200 },
  selectors: [
    { selector: 'a', options: { linkBrackets: ['(', ')'], hideLinkHrefIfSameAsText: true } },
    // The alt text speaks for a picture, its address does not.
    { selector: 'img', options: { pathRewrite: () => '' } },
    { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    { selector: 'table[role="presentation"]', format: 'block' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'div[aria-hidden]', format: 'skip' },
  ],
};

/** The preheader that MJML hides at the top: for the inbox list, not for the reader of a text part. */
const HIDDEN = /<div[^>]*style="display:none;[^>]*>[\s\S]*?<\/div>/g;

/** `{%-` and `-%}` tidy up HTML; in text they would eat line breaks. */
const TRIM_MARKS = /(\{[{%])-|-([%}]\})/g;

/** A text part from compiled HTML: links as `text (url)`, merge tags and Liquid control tags still in it. */
export function textFromHtml(html: string): string {
  const { text, restore } = shieldLiquid(html.replace(HIDDEN, '').replace(TRIM_MARKS, '$1$2'));
  return restore(convert(text, OPTIONS))
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
