/* Which of the languages that are there somebody gets, and how that language runs. Tags are BCP 47: `de`, `pt-BR`. */

/** The language that every page and mail has: the end of each search. */
export const FALLBACK_LANGUAGE = 'en';

const RIGHT_TO_LEFT = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

export function textDirection(locale: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(locale.split('-', 1)[0]!.toLowerCase()) ? 'rtl' : 'ltr';
}

/** Asked for every recipient, and Intl takes 5 µs to answer; few tags are in use. */
const known = new Map<string, string | null>();

/**
 * Language, script and region of a tag, in their usual case; null for what is no tag. No more than that: each locale costs a
 * compile of each mail, and extensions would make endless ones.
 */
export function shortLocale(tag: string): string | null {
  const found = known.get(tag);
  if (found !== undefined) return found;
  const short = askIntl(tag);
  if (known.size < 1_000) known.set(tag, short);
  return short;
}

function askIntl(tag: string): string | null {
  try {
    const { language, script, region } = new Intl.Locale(tag);
    return [language, script, region].filter(Boolean).join('-');
  } catch {
    return null;
  }
}

/** The tag and what it may be shortened to, longest first: `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647 §3.4). */
export function languageChain(locale: string): string[] {
  const parts = locale.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/**
 * The one among `available` that serves a reader of `locale`: the same, a shorter one (`de-AT` is served by `de`), or else one of the same
 * language from elsewhere (`pt` is served by `pt-BR`).
 */
export function languageFor(locale: string, available: readonly string[]): string | undefined {
  const chain = languageChain(locale).map((tag) => tag.toLowerCase());
  const same = (tag: string) => available.find((one) => one.toLowerCase() === tag);
  for (const tag of chain) {
    const found = same(tag);
    if (found !== undefined) return found;
  }
  return available.find((one) => one.toLowerCase().startsWith(`${chain[0]}-`));
}

/** Who may say which language a page or a mail is in, the strongest first. */
export interface LanguageWishes {
  /** What is kept about the person. */
  readonly person?: string | null | undefined;
  /** What the form or the address of the page says. */
  readonly form?: string | null | undefined;
  /** The Accept-Language header (RFC 9110 §12.5.4). */
  readonly header?: string | null | undefined;
}

/** The locale to speak: that of `wishedLanguage`, and English where nothing fits. */
export function chooseLanguage(wishes: LanguageWishes, available: readonly string[]): string {
  return wishedLanguage(wishes, available) ?? FALLBACK_LANGUAGE;
}

/**
 * The first wish that one of the languages serves, with its region, because dates and numbers follow it (`en-GB` where there is
 * `en`); undefined where nothing fits.
 */
export function wishedLanguage(
  { person, form, header }: LanguageWishes,
  available: readonly string[],
): string | undefined {
  const { wanted, refused } = acceptedLanguages(header ?? '');
  const bearable = available.filter(
    (one) => !refused.some((tag) => `${one.toLowerCase()}-`.startsWith(`${tag}-`)),
  );
  const wishes = [
    [person, available],
    [form, available],
    ...wanted.map((tag) => [tag, bearable] as const),
  ] as const;
  for (const [wish, languages] of wishes) {
    const locale = wish ? shortLocale(wish) : null;
    if (locale !== null && languageFor(locale, languages) !== undefined) return locale;
  }
  return undefined;
}

/** The header's languages, the dearest first; those with a weight of 0 are refused. `*` says nothing that English would not. */
function acceptedLanguages(header: string): { wanted: string[]; refused: string[] } {
  const ranges = header.split(',').flatMap((part) => {
    const [tag = '', ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const weight = parameters.find((one) => one.startsWith('q='))?.slice(2);
    const isReadable = weight === undefined || /^[01](\.\d{0,3})?$/.test(weight);
    return tag === '' || tag === '*' || !isReadable ? [] : [{ tag, quality: Number(weight ?? 1) }];
  });
  return {
    wanted: ranges
      .filter(({ quality }) => quality > 0)
      .toSorted((a, b) => b.quality - a.quality)
      .map(({ tag }) => tag),
    refused: ranges.filter(({ quality }) => quality === 0).map(({ tag }) => tag),
  };
}
