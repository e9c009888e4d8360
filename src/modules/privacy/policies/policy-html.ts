import MarkdownIt from 'markdown-it';
import { languageFor } from '../../../domain/index.js';
import type { ShownPolicy } from '../../../platform/pages/index.js';
import type { Policy } from '../../consent/index.js';

/** No raw HTML, and no link that runs a script: markdown-it refuses javascript:, vbscript:, file: and data:. */
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false });

/** The page has its own h1. */
markdown.core.ruler.push('headings_below_the_title', ({ tokens }) => {
  for (const token of tokens) {
    const level = /^h([1-5])$/.exec(token.tag)?.[1];
    if (level !== undefined) token.tag = `h${Number(level) + 1}`;
  }
});
/** A wide table scrolls by itself, and the page does not; with the keyboard too. */
markdown.renderer.rules['table_open'] = () => '<div class="prose-table" tabindex="0"><table>\n';
markdown.renderer.rules['table_close'] = () => '</table></div>\n';

/** The policy in the language that serves the reader: their own, else English, else the first. */
export function shownPolicy(policy: Policy, locale: string): ShownPolicy {
  const { version, revisedOn, bodies } = policy;
  const locales = Object.keys(bodies);
  const found = languageFor(locale, locales) ?? languageFor('en', locales) ?? locales[0]!;
  return { version, revisedOn, locale: found, html: policyHtml(bodies[found]!) };
}

export function policyHtml(source: string): string {
  return markdown.render(source);
}
