import { lineCounter, readAttributes, readMarkup, type Attribute } from './markup.js';
import type { TemplateProblem } from './template-error.js';

/**
 * Elements that run code, load other documents, or are read by other rules than HTML's and so could hide some
 * (title and style may hold no markup; svg, math, noscript and the rest switch the browser's parser).
 */
const REFUSED = new Set(
  (
    'script iframe frame frameset object embed applet base portal ' +
    'svg math template noscript textarea xmp noembed noframes plaintext'
  ).split(' '),
);

const LIQUID = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

/**
 * Script in a template: MJML is no sanitizer and passes it through, and a preview or a web version would run it.
 * JSON-LD is data and stays. Liquid may stand in quoted attribute values only, otherwise it could build a tag or a
 * handler when it is filled.
 */
export function findUnsafeMarkup(source: string, { allowJsonLd = true } = {}): TemplateProblem[] {
  const lineAt = lineCounter(source);
  const problems: TemplateProblem[] = [];
  const composed = /<\/?(?=\{\{|\{%)/.exec(source);
  if (composed) {
    problems.push({
      line: lineAt(composed.index),
      message: 'Liquid directly after "<" could build a tag: not allowed',
    });
  }
  let inside = '';
  for (const token of readMarkup(source)) {
    const messages: string[] = [];
    if (token.kind === 'open') messages.push(...refusals(token.name, token.attributes, allowJsonLd));
    if (token.kind === 'open' || token.kind === 'text') {
      messages.push(...breakouts(inside, source.slice(token.start, token.end)));
    }
    for (const message of messages) problems.push({ line: lineAt(token.start), message });
    if (token.kind === 'open') inside = token.name;
    if (token.kind === 'close') inside = '';
  }
  return problems;
}

/** Ways out of the places where MJML copies its input without escaping: <title>, aria-label, <style>. */
function breakouts(inside: string, text: string): string[] {
  if (inside === 'mj-title' && /[<"]/.test(text)) {
    return ['<mj-title> holds plain text: write &lt; and &quot;'];
  }
  return inside === 'mj-style' && /<[a-z/!]/i.test(text) ? ['<mj-style> holds CSS only'] : [];
}

function refusals(element: string, attributeText: string, allowJsonLd: boolean): string[] {
  const attributes = readAttributes(attributeText);
  const messages: string[] = [];
  const isData = allowJsonLd && isJsonLd(element, attributes);
  if (REFUSED.has(element) && !isData) messages.push(`<${element}> is not allowed in a mail`);
  for (const { name, value } of attributes) {
    if (isHandler(element, name, value)) {
      messages.push(`the event handler ${name} in <${element}> is not allowed in a mail`);
    }
    if (isScriptUrl(value))
      messages.push(`the script address in ${name} of <${element}> is not allowed in a mail`);
    if (element === 'meta' && name === 'http-equiv' && /refresh/i.test(value)) {
      messages.push('<meta http-equiv="refresh"> is not allowed in a mail');
    }
    if (element.startsWith('mj-') && value.replace(LIQUID, '').includes('"')) {
      messages.push(`a double quote in ${name} of <${element}> would end the attribute: write &quot;`);
    }
  }
  const unquoted = attributeText.replace(/"[^"]*"|'[^']*'/g, '""');
  if (/\{\{/.test(unquoted) || /[^\s"}]\{%/.test(unquoted)) {
    messages.push(`Liquid in <${element}> must stand inside a quoted attribute value`);
  }
  return messages;
}

/** Data for mailbox providers (schema.org); browsers do not run it. */
function isJsonLd(element: string, [type, ...others]: Attribute[]): boolean {
  if (element !== 'script' || others.length > 0) return false;
  return type?.name === 'type' && type.value === 'application/ld+json';
}

function isHandler(element: string, name: string, value: string): boolean {
  return name.startsWith('on') || (element === 'mj-html-attribute' && name === 'name' && /^on/i.test(value));
}

function isScriptUrl(value: string): boolean {
  const decoded = decodeEntities(value);
  return [decoded, decoded.replace(LIQUID, '')].some((text) =>
    // Browsers skip blanks and control characters inside a scheme.
    /(?:javascript|vbscript):|data:text\/html/i.test(text.replace(/[\s\p{Cc}]/gu, '')),
  );
}

function decodeEntities(value: string): string {
  return value
    .replace(/&#x([0-9a-f]+);?/gi, (_, hex: string) => fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);?/g, (_, decimal: string) => fromCodePoint(Number(decimal)))
    .replace(/&colon;/gi, ':')
    .replace(/&(?:tab|newline);/gi, '');
}

function fromCodePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
