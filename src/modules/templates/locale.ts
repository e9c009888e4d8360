import type { Phrases } from './types.js';

/** The language that every mail has; the end of each fallback. */
export const FALLBACK_LOCALE = 'en';

const RIGHT_TO_LEFT = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

export function textDirection(locale: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(languageOf(locale)) ? 'rtl' : 'ltr';
}

export interface LocalePhrases {
  /** For `lang`, dates, money and plurals. */
  locale: string;
  phrases: Phrases;
  /** Keys that the language lacks and English lends. */
  borrowed: string[];
}

/**
 * Phrases for a requested locale: exact, then its language, then English, key by key.
 * The locale in the answer is the requested one where the language is there (`en-GB` keeps its date order with
 * the phrases of `en`), otherwise English: a German date in an English sentence helps nobody.
 */
export function phrasesFor(catalogues: Record<string, Phrases>, requested: string): LocalePhrases {
  const english = catalogues[FALLBACK_LOCALE] ?? {};
  const wanted = canonicalLocale(requested);
  const language = languageOf(wanted);
  const own: Phrases = { ...catalogues[language], ...catalogues[wanted] };
  const isThere = wanted in catalogues || language in catalogues || Object.keys(catalogues).length === 0;
  if (!isThere) return { locale: FALLBACK_LOCALE, phrases: english, borrowed: [] };
  return {
    locale: wanted,
    phrases: { ...english, ...own },
    borrowed: language === FALLBACK_LOCALE ? [] : Object.keys(english).filter((key) => !(key in own)),
  };
}

/** Language, script and region only: each locale costs a compile, and extensions would make endless ones. */
/** Asked for every recipient, and Intl takes 5 µs to answer; few tags are in use. */
const known = new Map<string, string>();

function canonicalLocale(tag: string): string {
  const found = known.get(tag);
  if (found !== undefined) return found;
  const canonical = askIntl(tag);
  if (known.size < 1_000) known.set(tag, canonical);
  return canonical;
}

function askIntl(tag: string): string {
  try {
    const { language, script, region } = new Intl.Locale(tag);
    return [language, script, region].filter(Boolean).join('-');
  } catch {
    return FALLBACK_LOCALE;
  }
}

function languageOf(locale: string): string {
  return locale.split('-', 1)[0]?.toLowerCase() ?? FALLBACK_LOCALE;
}
