import { FALLBACK_LANGUAGE, languageChain, languageFor, shortLocale } from '../../domain/index.js';
import type { Phrases } from './types.js';

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
  const english = catalogues[FALLBACK_LANGUAGE] ?? {};
  const wanted = shortLocale(requested) ?? FALLBACK_LANGUAGE;
  const languages = Object.keys(catalogues);
  if (languages.length === 0) return { locale: wanted, phrases: {}, borrowed: [] };
  const language = languageFor(wanted, languages);
  if (language === undefined) return { locale: FALLBACK_LANGUAGE, phrases: english, borrowed: [] };
  const own: Phrases = Object.assign(
    {},
    ...languageChain(language)
      .toReversed()
      .map((tag) => catalogues[tag]),
  );
  const isEnglish = language.split('-')[0] === FALLBACK_LANGUAGE;
  return {
    locale: wanted,
    phrases: { ...english, ...own },
    borrowed: isEnglish ? [] : Object.keys(english).filter((key) => !(key in own)),
  };
}
