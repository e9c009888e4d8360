import PostalMime, { decodeWords } from 'postal-mime';
import type { Attachment } from 'postal-mime';

export interface MailPart {
  name: string;
  mimeType: string;
  content: Buffer;
}

/** A mail taken apart for reading. */
export interface ParsedMail {
  html: string | null;
  text: string | null;
  headers: { name: string; value: string }[];
  attachments: MailPart[];
}

/**
 * What a mail says. One that cannot be parsed (hostile nesting, a header block without end) has no parts; its source is
 * still there to be read.
 */
export async function parseMail(raw: Buffer): Promise<ParsedMail> {
  try {
    const mail = await PostalMime.parse(raw);
    return {
      html: mail.html ? inlineImages(mail.html, mail.attachments) : null,
      text: mail.text ?? null,
      headers: mail.headers.map(({ originalKey, value }) => ({
        name: originalKey,
        value: decodeWords(value),
      })),
      attachments: mail.attachments.map(toPart),
    };
  } catch {
    return { html: null, text: null, headers: [], attachments: [] };
  }
}

function toPart(attachment: Attachment, index: number): MailPart {
  const { filename, mimeType, content } = attachment;
  return {
    name: filename ?? `part-${index + 1}`,
    mimeType,
    content: typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as Uint8Array),
  };
}

/** `cid:` images (RFC 2392) as data, because a browser knows no message to look them up in. */
function inlineImages(html: string, attachments: readonly Attachment[]): string {
  let result = html;
  for (const [index, attachment] of attachments.entries()) {
    const { contentId, mimeType } = attachment;
    if (!contentId || !/^image\/[\w.+-]+$/.test(mimeType)) continue;
    const url = `cid:${contentId.replaceAll(/^<|>$/g, '')}`;
    if (!result.includes(url)) continue;
    result = result.replaceAll(
      url,
      `data:${mimeType};base64,${toPart(attachment, index).content.toString('base64')}`,
    );
  }
  return result;
}

export type ColourScheme = 'light' | 'dark';

/**
 * The HTML part as a document of its own, as a reader in this colour scheme sees it: what it asks of the scheme is
 * answered here, since a browser tells a frame only the scheme of the whole machine. Links open a new tab; where a mail
 * hides our line or brings its own, the link stays in the frame, whose policy lets it go nowhere.
 */
export function frameDocument(html: string, scheme: ColourScheme): string {
  const played = html
    .replaceAll(/\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi, (_, asked: string) =>
      asked.toLowerCase() === scheme ? '(min-width: 0)' : '(max-width: 0)',
    )
    .replaceAll(/(color-scheme\s*:\s*)(?:light\s+dark|dark\s+light)/gi, `$1${scheme}`);
  const knowsSchemes = /color-scheme/i.test(html) ? `<meta name="color-scheme" content="${scheme}">` : '';
  const ours = `<base target="_blank">${knowsSchemes}`;
  const head = /<head(\s[^>]*)?>/i.exec(played);
  if (!head) return ours + played;
  const at = head.index + head[0].length;
  return played.slice(0, at) + ours + played.slice(at);
}

/**
 * The policy of that document. A mail is a stranger's page on our address: it gets styles, pictures and fonts, but no
 * script, no form, no frame and (by `sandbox`) no origin, also when its address is opened outside of our frame. A tab
 * that a link opens is an ordinary tab again, or the button on our own confirmation page would not work in it.
 */
export const frameHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src https: data: 'self'",
    'font-src https: data:',
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-popups allow-popups-to-escape-sandbox',
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  'cache-control': 'no-store',
};

/** Headers of a download: never shown by the browser, whatever the mail says it is. */
export function downloadHeaders(name: string): Record<string, string> {
  const ascii = name.replaceAll(/[^\w.() -]/g, '_');
  // encodeURIComponent leaves some characters that RFC 8187 does not allow, and throws on half a character.
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*!]/g,
    (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase(),
  );
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}
