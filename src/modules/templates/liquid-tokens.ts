/** A phase-2 Liquid token: `{{ output }}` or `{% tag %}`. */
const LIQUID_TOKEN = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

const HTML_ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] as string);
}

/** Escapes plain text for HTML and leaves its Liquid tokens as they are, for phase 2 to read. */
export function escapeAroundLiquid(text: string): string {
  let escaped = '';
  let end = 0;
  for (const token of text.matchAll(LIQUID_TOKEN)) {
    escaped += escapeHtml(text.slice(end, token.index)) + token[0];
    end = token.index + token[0].length;
  }
  return escaped + escapeHtml(text.slice(end));
}

/**
 * With each `{{ output }}` in a Unicode isolate (UAX 9, FSI … PDI): in a sentence from right to left "10482-B" would be read "B-10482".
 * The characters are invisible, and do the same in HTML, in a text part and in a subject.
 */
export function isolateOutputs(text: string): string {
  return text.replace(LIQUID_TOKEN, (token) => (token.startsWith('{{') ? `\u2068${token}\u2069` : token));
}

export interface ShieldedText {
  text: string;
  /** Puts the Liquid back into whatever became of `text`. */
  restore: (text: string) => string;
  /** Matches the stand-in of a `{% tag %}`. */
  tagPattern: string;
}

/**
 * Replaces each Liquid token by a word, so that a converter (Markdown, HTML to text) carries it along unharmed.
 * The words are letters and digits only: URL encoding, smart quotes and escaping leave them alone.
 */
export function shieldLiquid(source: string): ShieldedText {
  let mark = 'liquidtoken';
  while (source.includes(mark)) mark += 'x';
  const tokens: string[] = [];
  const text = source.replace(LIQUID_TOKEN, (token) => {
    const kind = token.startsWith('{%') ? 't' : 'o';
    // The same token is the same word: a link whose text is its address stays recognisable.
    const index = tokens.includes(token) ? tokens.indexOf(token) : tokens.push(token) - 1;
    return `${mark}${kind}${index}e`;
  });
  const word = new RegExp(`${mark}[to](\\d+)e`, 'g');
  return {
    text,
    restore: (converted) => converted.replace(word, (_, index: string) => tokens[Number(index)] ?? ''),
    tagPattern: `${mark}t\\d+e`,
  };
}
