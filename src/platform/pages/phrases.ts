import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A phrase, or its plural forms (CLDR: zero, one, two, few, many, other) chosen by the variable `count`. */
const catalogue = z.record(
  z.string(),
  z.union([z.string(), z.partialRecord(z.enum(['zero', 'one', 'two', 'few', 'many', 'other']), z.string())]),
);
type Catalogue = z.infer<typeof catalogue>;

export const FALLBACK = 'en';

/** The wording of one language; what it lacks comes from English. */
export class Phrases {
  private readonly plural: Intl.PluralRules;
  private readonly number: Intl.NumberFormat;

  constructor(
    readonly locale: string,
    private readonly own: Catalogue,
    private readonly fallback: Phrases | null,
  ) {
    this.plural = new Intl.PluralRules(locale);
    this.number = new Intl.NumberFormat(locale);
  }

  /** Fills `{name}` in the phrase; numbers are written as the language writes them. Throws when there is no such phrase. */
  say(key: string, variables: Readonly<Record<string, string | number>>): string {
    const phrase = Object.hasOwn(this.own, key) ? this.own[key] : undefined;
    if (phrase === undefined) {
      if (this.fallback) return this.fallback.say(key, variables);
      throw new Error(`There is no phrase "${key}" in pages/phrases/${this.locale}.json`);
    }
    return this.form(key, phrase, variables).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined)
        throw new Error(`The phrase "${key}" (${this.locale}) needs the variable "${name}"`);
      return typeof value === 'number' ? this.number.format(value) : value;
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

/** Reads every `<locale>.json` of the folder; adding a language is adding a file. */
export async function loadPhrases(dir: string): Promise<Map<string, Phrases>> {
  const read = async (locale: string, fallback: Phrases | null): Promise<Phrases> => {
    const file = join(dir, `${locale}.json`);
    try {
      return new Phrases(locale, catalogue.parse(JSON.parse(await readFile(file, 'utf8'))), fallback);
    } catch (error) {
      throw new Error(`The phrases in ${file} cannot be read`, { cause: error });
    }
  };
  const english = await read(FALLBACK, null);
  const languages = new Map([[FALLBACK, english]]);
  for (const file of await readdir(dir)) {
    const locale = file.endsWith('.json') ? file.slice(0, -'.json'.length) : FALLBACK;
    if (locale !== FALLBACK) languages.set(locale.toLowerCase(), await read(locale, english));
  }
  return languages;
}
