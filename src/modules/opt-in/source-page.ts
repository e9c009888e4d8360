const MAX_SOURCE = 500;

/**
 * The page that sent a form, for the ledger: its Referer without the query, which may hold anything.
 * @param fallback where the browser does not say, or says nonsense
 */
export function sourcePage(referer: string | undefined, fallback: string): string {
  const url = URL.parse(referer ?? '');
  return url && /^https?:$/.test(url.protocol)
    ? `${url.origin}${url.pathname}`.slice(0, MAX_SOURCE)
    : fallback;
}

/** A source for the reports: host and path of a page, without what may name a person; any other word, such as "checkout", as it is. */
export function sourceOf(source: string): string {
  const url = URL.parse(source);
  return (url && /^https?:$/.test(url.protocol) ? `${url.host}${url.pathname}` : source).slice(0, MAX_SOURCE);
}
