/** Where HTML and MJML show a picture of the same mail (RFC 2392): in an attribute, or in a style. */
const SHOWN =
  /\b(?:src|background|background-url)\s*=\s*["']?cid:([^"'\s>]+)|\burl\(\s*["']?cid:([^"')\s]+)/gi;

/**
 * The first picture that a mail shows and does not carry, which its reader would see as a broken one.
 * @returns its Content-ID; undefined where all are there
 */
export function missingPicture(
  markup: string,
  attachments: readonly { readonly contentId: string | null }[],
): string | undefined {
  const carried = new Set(attachments.map(({ contentId }) => contentId));
  return [...markup.matchAll(SHOWN)]
    .map(([, attribute, style]) => plain(attribute ?? style ?? ''))
    .find((id) => !carried.has(id));
}

/** In a URL an @ may stand as %40. */
function plain(id: string): string {
  return id.replaceAll(/%[0-9a-f]{2}/gi, (octet) => String.fromCharCode(Number.parseInt(octet.slice(1), 16)));
}
