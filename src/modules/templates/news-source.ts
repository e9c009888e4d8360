import { escapeAroundLiquid } from './liquid-tokens.js';
import { renderMarkdown } from './markdown.js';
import { findLiquidProblem } from './prepared-template.js';
import { TemplateError } from './template-error.js';
import type { BuiltinTemplate, TemplateSource } from './types.js';
import { findUnsafeMarkup } from './unsafe-markup.js';

/** What a marketer writes: Markdown in `content`, or `mjml`, a fragment (`<mj-section>…`) or a whole document. */
export interface NewsContent {
  subject: string;
  preheader?: string | null;
  mjml?: string | null;
  content?: string | null;
}

const UNSUBSCRIBE_LINK = /\{\{-?\s*links\.unsubscribe\b/;
const BODY_END = '</mj-body>';

/** A whole document, with our footer section where it shows no unsubscribe link of its own. */
const DOCUMENT = '[[ slots.mjml | raw ]]';
const DOCUMENT_WITH_FOOTER =
  `[% assign parts = slots.mjml | split: '${BODY_END}' %]` +
  `[[ parts[0] | raw ]][% render 'partials/news-footer.mjml' %]${BODY_END}[[ parts[1] | raw ]]`;

/**
 * A campaign's content as a template source. Everything a person wrote goes into slots, which phase 1 never parses:
 * `[[` is text there, `{{ recipient.name | default: 'there' }}` works.
 * @throws TemplateError for script, and when there is not exactly one of `content` and `mjml`
 */
export function newsSource(campaign: NewsContent, builtin: BuiltinTemplate): TemplateSource {
  const { phrases, partials = {}, mjml: layout, text } = builtin.source;
  const words = verbatimWords(campaign.subject, campaign.preheader ?? null);
  const base = { ...words, phrases, partials };
  const { content, mjml } = campaign;
  if ((content ?? null) !== null && (mjml ?? null) !== null) {
    throw new TemplateError([{ message: 'a campaign has either content or mjml, not both' }]);
  }
  if (typeof content === 'string') {
    // Here, because after Markdown the line would be another one.
    const problem = findLiquidProblem('html', content, 'content');
    if (problem) throw new TemplateError([problem]);
    const body = renderMarkdown(content);
    return { ...base, mjml: layout, text, slots: { ...words.slots, html: body.html, text: body.text } };
  }
  if (typeof mjml !== 'string') throw new TemplateError([{ message: 'a campaign needs content or mjml' }]);

  refuseScript(mjml);
  if (!isDocument(mjml)) return { ...base, mjml: layout, text: null, slots: { ...words.slots, mjml } };
  const document = withPreheader(mjml.replace(/<\/mj-body\s*>/gi, BODY_END), campaign.preheader ?? '');
  const showsLink = UNSUBSCRIBE_LINK.test(document.replace(/<!--[\s\S]*?-->/g, ''));
  if (!showsLink && document.split(BODY_END).length !== 2) {
    throw new TemplateError([{ message: `the document needs one ${BODY_END}` }]);
  }
  return {
    ...base,
    mjml: showsLink ? DOCUMENT : DOCUMENT_WITH_FOOTER,
    text: null,
    slots: { ...words.slots, mjml: document },
  };
}

/** A whole MJML document as someone wrote it, for one mail: no phrases, no layout, no phase 1. */
export function verbatimSource(mail: {
  subject: string;
  mjml: string;
  text?: string | null;
}): TemplateSource {
  const words = verbatimWords(mail.subject, null);
  const hasText = typeof mail.text === 'string';
  return {
    ...words,
    mjml: DOCUMENT,
    text: hasText ? '[[ slots.text ]]' : null,
    phrases: {},
    slots: { ...words.slots, mjml: mail.mjml, ...(hasText && { text: mail.text as string }) },
  };
}

function verbatimWords(subject: string, preheader: string | null) {
  return {
    subject: '[[ slots.subject ]]',
    preheader: preheader ? '[[ slots.preheader ]]' : null,
    slots: { subject, ...(preheader && { preheader }) },
  };
}

function refuseScript(mjml: string): void {
  const problems = findUnsafeMarkup(mjml, { allowJsonLd: false });
  if (problems.length > 0) throw new TemplateError(problems);
}

function isDocument(mjml: string): boolean {
  return /<mjml[\s>]/i.test(mjml.replace(/<!--[\s\S]*?-->/g, ''));
}

/** Adds the campaign's preheader to a document that has none; on the same line, so that line numbers stay. */
function withPreheader(document: string, preheader: string): string {
  if (!preheader || /<mj-preview[\s>]/i.test(document)) return document;
  const preview = `<mj-preview>${escapeAroundLiquid(preheader)}</mj-preview>`;
  const head = /<mj-head(\s[^>]*)?>/i;
  return head.test(document)
    ? document.replace(head, (tag) => tag + preview)
    : document.replace(/<mjml(\s[^>]*)?>/i, (tag) => `${tag}<mj-head>${preview}</mj-head>`);
}
