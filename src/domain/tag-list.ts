/**
 * Reads a tag-list, as DKIM and DMARC records are written (RFC 6376 §3.2): `v=DKIM1; k=rsa; p=…`. Names are as they stand, values
 * without the white space around them; the order is kept.
 * @returns undefined for what is none, also where a tag stands twice
 */
export function readTagList(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  const parts = text.split(';');
  if (parts.at(-1)?.trim() === '') parts.pop();
  for (const part of parts) {
    const [, name, value = ''] = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([\x21-\x7e\s]*?)\s*$/.exec(part) ?? [];
    if (name === undefined || tags.has(name)) return undefined;
    tags.set(name, value);
  }
  return tags.size > 0 ? tags : undefined;
}
