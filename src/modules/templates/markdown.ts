import MarkdownIt from 'markdown-it';
import { accentColours } from './accents.js';
import { escapeHtml, shieldLiquid } from './liquid-tokens.js';
import { textFromHtml } from './plain-text.js';

const SERIF = `'Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif`;
const HEADING = `font-family:${SERIF};font-weight:normal;color:#1c1917;margin:`;

/** Inline, because several mail programs read no style sheet; dark mode overrides by `.prose` in the layout. */
const STYLES: Record<string, string> = {
  h1: `${HEADING}0 0 20px;font-size:34px;line-height:42px;letter-spacing:-0.3px`,
  h2: `${HEADING}36px 0 12px;font-size:25px;line-height:33px`,
  h3: `${HEADING}28px 0 8px;font-size:20px;line-height:28px`,
  p: 'margin:0 0 18px',
  ul: 'margin:0 0 18px;padding:0 0 0 22px',
  ol: 'margin:0 0 18px;padding:0 0 0 22px',
  li: 'margin:0 0 8px',
  a: `color:${accentColours['link']};text-decoration:underline;overflow-wrap:anywhere`,
  img: 'display:block;width:auto;max-width:100%;height:auto;border-radius:8px',
  blockquote: `margin:28px 0;padding:2px 0 2px 22px;border-left:2px solid ${accentColours['accent']};font-family:${SERIF};font-size:20px;line-height:30px`,
  hr: 'border:0;border-top:1px solid #e7e2da;margin:36px 0',
  pre: 'margin:0 0 18px;padding:16px;background-color:#f5f1ea;border-radius:8px;white-space:pre-wrap;font-size:14px;line-height:22px',
  code: 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px',
  table: 'width:100%;border-collapse:collapse;margin:0 0 18px;font-size:15px;line-height:22px',
  th: 'text-align:left;padding:8px 12px 8px 0;border-bottom:1px solid #e7e2da',
  td: 'padding:8px 12px 8px 0;border-bottom:1px solid #e7e2da;vertical-align:top',
};

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false });
markdown.core.ruler.push('mail_styles', ({ tokens }) => {
  let quotes = 0;
  for (const token of tokens.flatMap((block) => [block, ...(block.children ?? [])])) {
    if (token.tag === 'blockquote') quotes += token.nesting;
    const style = token.tag === 'p' && quotes > 0 ? 'margin:0' : STYLES[token.tag];
    if (!style || token.nesting < 0) continue;
    const alignment = token.attrGet('style');
    token.attrSet('style', alignment ? `${style};${alignment}` : style);
  }
});

const renderCode = (code: string) =>
  `<pre style="${STYLES['pre']}"><code style="${STYLES['code']}">${escapeHtml(code.trimEnd())}</code></pre>\n`;
markdown.renderer.rules['fence'] = (tokens, index) => renderCode(tokens[index]?.content ?? '');
markdown.renderer.rules['code_block'] = (tokens, index) => renderCode(tokens[index]?.content ?? '');

/** Markdown as the HTML of a mail and as its text part; Liquid survives in both, raw HTML becomes text. */
export function renderMarkdown(source: string): { html: string; text: string } {
  const { text, restore, tagPattern } = shieldLiquid(source);
  const onlyTags = new RegExp(`<p [^>]*>\\s*((?:${tagPattern}\\s*)+)</p>`, 'g');
  const html = restore(markdown.render(text).replace(onlyTags, '$1'));
  return { html, text: textFromHtml(html) };
}
