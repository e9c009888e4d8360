import { decodeWords } from 'postal-mime';

/** Beyond this a header block is nobody's mail; only the list would miss something, the source is kept whole. */
const HEADER_LIMIT = 64 * 1024;
const FIELD_LIMIT = 998;

/** The header fields that the list shows, decoded; '' where one is missing. The body is not looked at: this runs per mail. */
export function summarise(raw: Buffer): { fromHeader: string; toHeader: string; subject: string } {
  const head = raw.subarray(0, HEADER_LIMIT).toString('utf8');
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length;
  const unfolded = head.slice(0, end).replaceAll(/\r?\n(?=[ \t])/g, '');
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:(.*)$`, 'im').exec(unfolded)?.[1] ?? '';
    return decodeWords(value.trim()).slice(0, FIELD_LIMIT);
  };
  return { fromHeader: field('from'), toHeader: field('to'), subject: field('subject') };
}
