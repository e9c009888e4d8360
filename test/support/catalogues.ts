import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Liquid } from 'liquidjs';

/** A phrase, or its plural forms by CLDR category. */
type Phrase = string | Record<string, string>;
type Catalogue = Record<string, Phrase>;

/** What a phrase needs to be told and asks for. */
interface Needs {
  /** `{list}` of a page; `order.number` and `| money` of a mail. */
  names: Set<string>;
  /** The plural forms that stand in it; none where nothing is counted. */
  plurals: string[][];
}

const liquid = new Liquid();
const PLURAL = /\|\s*plural:((?:\s*\w+:\s*(?:'[^']*'|"[^"]*")\s*,?)+)/g;

function needsOf(phrase: Phrase, isMail: boolean): Needs {
  if (!isMail) {
    const forms = typeof phrase === 'string' ? [phrase] : Object.values(phrase);
    const names = forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([found]) => found));
    return { names: new Set(names), plurals: typeof phrase === 'string' ? [] : [Object.keys(phrase)] };
  }
  const text = typeof phrase === 'string' ? phrase : Object.values(phrase).join(' ');
  const bare = text.replaceAll(PLURAL, '| plural');
  const filters = [...bare.matchAll(/\{\{.*?\}\}/g)].flatMap(([output]) =>
    [...output.matchAll(/\|\s*\w+/g)].map(([filter]) => filter.replace(/\|\s*/, '| ')),
  );
  return {
    names: new Set([...liquid.fullVariablesSync(bare), ...filters]),
    plurals: [...text.matchAll(PLURAL)].map(([, forms]) =>
      [...forms!.matchAll(/(\w+):\s*['"]/g)].map(([, category]) => category!),
    ),
  };
}

/** What is wrong with the catalogue of a language beside the English one: a line for each, which names the phrase. */
export function catalogueProblems(
  locale: string,
  own: Catalogue,
  english: Catalogue,
  isMail: boolean,
): string[] {
  const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
  const problems = Object.keys(english)
    .filter((key) => !(key in own))
    .map((key) => `lacks "${key}"`);
  for (const [key, phrase] of Object.entries(own)) {
    const source = english[key];
    if (source === undefined) {
      problems.push(`has "${key}", which English has not`);
      continue;
    }
    const [here, there] = [needsOf(phrase, isMail), needsOf(source, isMail)];
    for (const name of there.names) if (!here.names.has(name)) problems.push(`"${key}" lacks ${name}`);
    for (const name of here.names)
      if (!there.names.has(name)) problems.push(`"${key}" has ${name}, which nobody fills in`);
    if (here.plurals.length !== there.plurals.length)
      problems.push(`"${key}" counts ${here.plurals.length} times, English ${there.plurals.length} times`);
    for (const forms of here.plurals) {
      const missing = wanted.filter((category) => !forms.includes(category));
      if (missing.length > 0) problems.push(`"${key}" lacks the plural forms ${missing.join(', ')}`);
    }
  }
  return problems;
}

/** The folders of phrases under the root of the project, as paths from there. */
async function phraseFolders(root: string): Promise<string[]> {
  const mails = await readdir(join(root, 'templates'), { withFileTypes: true });
  const folders = mails
    .filter((entry) => entry.isDirectory() && !['layouts', 'partials', 'phrases'].includes(entry.name))
    .map(({ name }) => `templates/${name}/phrases`);
  return ['pages/phrases', 'templates/phrases', ...folders];
}

/** Every problem of every language but English, a line each: `templates/welcome/phrases/de.json: lacks "title"`. */
export async function languageProblems(root: string): Promise<string[]> {
  const folders = await phraseFolders(root);
  const files = await Promise.all(folders.map((folder) => readdir(join(root, folder))));
  const locales = new Set(files.flat().map((file) => file.replace(/\.json$/, '')));
  locales.delete('en');
  const problems: string[] = [];
  for (const [index, folder] of folders.entries()) {
    const read = async (locale: string): Promise<Catalogue> =>
      JSON.parse(await readFile(join(root, folder, `${locale}.json`), 'utf8')) as Catalogue;
    const english = await read('en');
    for (const locale of locales) {
      const found = files[index]!.includes(`${locale}.json`)
        ? catalogueProblems(locale, await read(locale), english, folder.startsWith('templates'))
        : ['is missing'];
      problems.push(...found.map((problem) => `${folder}/${locale}.json: ${problem}`));
    }
  }
  return problems;
}
