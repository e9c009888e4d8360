import { escapeAroundLiquid } from './liquid-tokens.js';

/** Sets `lang` and `dir` on an `<mjml>` that says neither; MJML's own default is "und". */
export function setLanguage(mjml: string, lang: string, dir: string): string {
  return mjml.replace(/<mjml(\s[^>]*)?>/i, (tag, attributes = '') => {
    const missing = [
      ...(/\slang\s*=/i.test(attributes) ? [] : [`lang="${lang}"`]),
      ...(/\sdir\s*=/i.test(attributes) ? [] : [`dir="${dir}"`]),
    ];
    return missing.length === 0 ? tag : `<mjml${attributes} ${missing.join(' ')}>`;
  });
}

/** Compiled HTML as it is stored: a title, and no indentation (a third of what MJML writes). */
export function finishHtml(html: string, subject: string): string {
  const titled = html.replace(/<title>\s*<\/title>/, () => `<title>${escapeAroundLiquid(subject)}</title>`);
  return titled
    .split(/(<pre[\s>][\s\S]*?<\/pre>)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[^\S\n]*\n\s*/g, '\n')))
    .join('')
    .trim();
}
