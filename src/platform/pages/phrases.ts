import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FALLBACK_LANGUAGE, formatNumber, languageChain, textDirection } from '../../domain/index.js';

/** A phrase, or its plural forms (CLDR: zero, one, two, few, many, other) chosen by the variable `count`. */
const catalogue = z.record(
  z.string(),
  z.union([z.string(), z.partialRecord(z.enum(['zero', 'one', 'two', 'few', 'many', 'other']), z.string())]),
);
type Catalogue = z.infer<typeof catalogue>;

/**
 * FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode UAX #9) around what is filled in: without them the comma after an English
 * name in an Arabic sentence goes to the wrong side of it.
 */
const ISOLATE = ['\u2068', '\u2069'] as const;

/** A text of any language as it may stand in a sentence of this one. */
export function isolated(text: string, locale: string): string {
  return textDirection(locale) === 'rtl' ? ISOLATE.join(text) : text;
}

/** The wording of one language; what it lacks comes from the next wider one: `de-AT`, `de`, English. */
export class Phrases {
  private readonly plural: Intl.PluralRules;

  constructor(
    readonly locale: string,
    private readonly own: Catalogue,
    private readonly fallback: Phrases | null,
  ) {
    this.plural = new Intl.PluralRules(locale);
  }

  /**
   * Fills `{name}` in the phrase.
   * @param locale how numbers are written, where it says more than the language of the phrases: `de-CH`
   * @throws Error when there is no such phrase, or a variable of it is not given
   */
  say(
    key: string,
    variables: Readonly<Record<string, string | number>>,
    locale: string = this.locale,
  ): string {
    const phrase = Object.hasOwn(this.own, key) ? this.own[key] : undefined;
    if (phrase === undefined) {
      if (this.fallback) return this.fallback.say(key, variables);
      throw new Error(`There is no phrase "${key}" in pages/phrases/${this.locale}.json`);
    }
    return this.form(key, phrase, variables).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined)
        throw new Error(`The phrase "${key}" (${this.locale}) needs the variable "${name}"`);
      if (typeof value === 'number') return formatNumber(value, locale);
      return isolated(value, this.locale);
    });
  }

  private form(
    key: string,
    phrase: Catalogue[string],
    variables: Readonly<Record<string, string | number>>,
  ): string {
    if (typeof phrase === 'string') return phrase;
    const form = phrase[this.plural.select(Number(variables['count']))] ?? phrase.other;
    if (form === undefined) throw new Error(`The phrase "${key}" (${this.locale}) has no form "other"`);
    return form;
  }
}

/** Reads every `<locale>.json` of the folder, named as BCP 47 writes it; adding a language is adding a file. */
export async function loadPhrases(dir: string): Promise<Map<string, Phrases>> {
  const read = async (locale: string, fallback: Phrases | null): Promise<Phrases> => {
    const file = join(dir, `${locale}.json`);
    try {
      return new Phrases(locale, catalogue.parse(JSON.parse(await readFile(file, 'utf8'))), fallback);
    } catch (error) {
      throw new Error(`The phrases in ${file} cannot be read`, { cause: error });
    }
  };
  const english = await read(FALLBACK_LANGUAGE, null);
  const languages = new Map([[FALLBACK_LANGUAGE, english]]);
  const locales = (await readdir(dir))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    // The wider language first: it lends to the narrower.
    .toSorted((a, b) => a.length - b.length);
  for (const locale of locales) {
    if (locale === FALLBACK_LANGUAGE) continue;
    const [wider] = languageChain(locale).flatMap((tag) => languages.get(tag) ?? []);
    languages.set(locale, await read(locale, wider ?? english));
  }
  return languages;
}
