import { lineCounter, readAttributes, readMarkup, type MarkupToken } from './markup.js';
import { findUnsafeMarkup } from './unsafe-markup.js';
import type { TemplateProblem } from './template-error.js';

export interface LintReport {
  problems: TemplateProblem[];
  warnings: TemplateProblem[];
}

/** MJML elements that hold text or HTML (`endingTag` in MJML); all others hold elements only and drop text. */
export const CONTENT_TAGS: ReadonlySet<string> = new Set([
  'mj-accordion-text',
  'mj-accordion-title',
  'mj-button',
  'mj-html-attribute',
  'mj-navbar-link',
  'mj-preview',
  'mj-raw',
  'mj-social-element',
  'mj-style',
  'mj-table',
  'mj-text',
  'mj-title',
]);

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** HTML lets these end without an end tag. */
const OPTIONAL_END = new Set('p li dt dd tr td th thead tbody tfoot option'.split(' '));

type OpenElement = { name: string; start: number };

/**
 * Finds what MJML swallows without a word: text and Liquid between its tags, tags that never close, MJML inside
 * text, includes; and what no mail may carry (see unsafe-markup.ts). Lines are those of `mjml`.
 */
export function lintMjml(mjml: string): LintReport {
  const lineAt = lineCounter(mjml);
  const report: LintReport = { problems: findUnsafeMarkup(mjml), warnings: [] };
  const problem = (at: number, message: string) => report.problems.push({ line: lineAt(at), message });
  const warning = (at: number, message: string) => report.warnings.push({ line: lineAt(at), message });
  const unclosed = (element: OpenElement, before: string) => {
    if (isMjml(element.name)) problem(element.start, `<${element.name}> is not closed before ${before}`);
    else if (!OPTIONAL_END.has(element.name)) {
      warning(element.start, `<${element.name}> is not closed before ${before}`);
    }
  };
  const open: OpenElement[] = [];

  for (const token of readMarkup(mjml)) {
    const inside = open.findLast(({ name }) => isMjml(name));
    const holdsContent = inside !== undefined && CONTENT_TAGS.has(inside.name);
    switch (token.kind) {
      case 'text':
      case 'liquid': {
        const text = mjml.slice(token.start, token.end);
        if (holdsContent || !text.trim()) break;
        problem(token.start + text.search(/\S/), strayText(token.kind, text, inside?.name));
        break;
      }
      case 'open':
        if (isMjml(token.name) && holdsContent) {
          problem(
            token.start,
            `<${token.name}> stands inside <${inside.name}>, where MJML leaves it as it is`,
          );
        }
        if (token.name === 'mj-include')
          problem(token.start, '<mj-include> is switched off: MJML would drop it');
        if (lacksAlt(token) && inside?.name !== 'mj-attributes')
          warning(token.start, `<${token.name}> has no alt text`);
        if (!token.selfClosing && !VOID.has(token.name)) open.push({ name: token.name, start: token.start });
        break;
      case 'close': {
        const partner = open.findLastIndex(({ name }) => name === token.name);
        const mayClose = isMjml(token.name) || open.findLastIndex(({ name }) => isMjml(name)) < partner;
        if (partner === -1 || !mayClose) {
          (isMjml(token.name) ? problem : warning)(token.start, `</${token.name}> closes nothing`);
          break;
        }
        for (const element of open.splice(partner).slice(1)) unclosed(element, `</${token.name}>`);
        break;
      }
      case 'endless':
        problem(token.start, `${token.what} never ends (a quote or a closing mark is missing)`);
        break;
      case 'comment':
        break;
    }
  }
  for (const element of open) unclosed(element, 'the end');
  return report;
}

function strayText(kind: 'text' | 'liquid', text: string, parent: string | undefined): string {
  const excerpt = shorten(text.trim());
  const place = parent === undefined ? 'outside <mjml>' : `directly in <${parent}>`;
  return kind === 'liquid'
    ? `${excerpt} stands ${place}, where MJML drops it: put it inside <mj-raw>`
    : `the text "${excerpt}" stands ${place}, where MJML drops it: put it inside <mj-text>`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function lacksAlt(token: MarkupToken & { kind: 'open' }): boolean {
  if (token.name !== 'img' && token.name !== 'mj-image') return false;
  return !readAttributes(token.attributes).some(({ name }) => name === 'alt');
}

function isMjml(name: string): boolean {
  return name === 'mjml' || name.startsWith('mj-');
}
