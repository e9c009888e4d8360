import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Liquid } from 'liquidjs';
import type { Template } from 'liquidjs';
import {
  FALLBACK_LANGUAGE,
  formatDay,
  formatMoment,
  languageFor,
  shortLocale,
  textDirection,
} from '../../domain/index.js';
import { brandCss, initial } from './brand.js';
import type { Brand } from './brand.js';
import type { PageData, PageName } from './page-data.js';
import { pageHeaders } from './page-headers.js';
import { viewOf } from './page-views.js';
import { isolated, loadPhrases } from './phrases.js';
import type { Phrases } from './phrases.js';

export interface RenderedPage {
  html: string;
  /** To be sent as they are; the policy holds the hash of the style in this very page. */
  headers: Record<string, string>;
}

/** What every public page wears, in this order. */
const STYLES = ['pages.css', 'forms.css', 'documents.css'];

/** The files of the pages folder that are not phrases, by path without ending. */
interface Sources {
  templates: Record<string, string>;
  publicStyle: string;
  /** Style and script of the folders whose pages have their own, `inbox` and `docs`. */
  extras: Readonly<Record<string, { style: string; script: string }>>;
}

/** One language: its own engine, so that the filter `t` knows the language. */
interface Edition {
  phrases: Phrases;
  engine: Liquid;
  parsed: Map<string, Template[]>;
}

export interface PageLook {
  /** BCP 47, see `chooseLanguage`; without phrases of its own it falls back to its base (`de-AT` → `de`), then to English. */
  locale: string;
  brand: Brand;
  /** IANA name, for dates and times; the shop's when left out. */
  timezone?: string | null | undefined;
  /** The same page in other languages, where a visitor may choose. */
  languages?: readonly LanguageLink[];
}

export interface LanguageLink {
  locale: string;
  /** In that language: `Deutsch`. */
  name: string;
  url: string;
}

/** What filters read besides their input. */
interface Settings {
  locale: string;
  timezone: string;
}
type FilterContext = { context: { globals: object } };

/** Server-rendered pages: templates and phrases are read once, and everything that comes from data is escaped. */
export class Pages {
  private constructor(
    private readonly sources: Sources,
    private readonly editions: ReadonlyMap<string, Edition>,
    private readonly timezone: string,
  ) {}

  /**
   * @param dir the folder `pages/`; throws when a template does not parse or the English phrases are missing
   * @param timezone of the shop, IANA name
   */
  static async load(dir: string, timezone = 'UTC'): Promise<Pages> {
    const [sources, phrases] = await Promise.all([readSources(dir), loadPhrases(join(dir, 'phrases'))]);
    const editions = new Map<string, Edition>();
    for (const [locale, spoken] of phrases) editions.set(locale, edition(spoken, sources.templates));
    return new Pages(sources, editions, timezone);
  }

  /** The languages there are, for a caller who chooses one. */
  get locales(): string[] {
    return [...this.editions.keys()];
  }

  /** A phrase outside of a page, such as the words that a visitor agrees to. */
  say(locale: string, key: string, variables: Readonly<Record<string, string | number>> = {}): string {
    const { edition, spoken } = this.edition(locale);
    return edition.phrases.say(key, variables, spoken);
  }

  render<P extends PageName>(page: P, data: PageData[P], options: PageLook): RenderedPage {
    const {
      edition: { engine, parsed },
      spoken: locale,
    } = this.edition(options.locale);
    const extra = this.sources.extras[page.split('/')[0]!];
    const style = brandCss(options.brand) + this.sources.publicStyle + (extra?.style ?? '');
    const script = extra?.script ?? null;
    const template = parsed.get(page);
    if (!template) throw new Error(`There is no page "${page}"`);
    const html = String(
      engine.renderSync(template, viewOf(page, data), {
        globals: {
          page,
          locale,
          direction: textDirection(locale),
          timezone: options.timezone ?? this.timezone,
          otherLanguages: options.languages ?? [],
          brand: { ...options.brand, initial: initial(options.brand) },
          style,
          script,
        },
      }),
    );
    return { html, headers: { ...pageHeaders(page, style, script), 'content-language': locale } };
  }

  /** The phrases for a locale, and the locale as it is then spoken: with its region, or English. */
  private edition(locale: string): { edition: Edition; spoken: string } {
    const wanted = shortLocale(locale) ?? FALLBACK_LANGUAGE;
    const language = languageFor(wanted, this.locales);
    const edition = this.editions.get(language ?? FALLBACK_LANGUAGE)!;
    return { edition, spoken: language === undefined ? FALLBACK_LANGUAGE : wanted };
  }
}

async function readSources(dir: string): Promise<Sources> {
  const text = (path: string): Promise<string> => readFile(join(dir, path), 'utf8');
  const templates: Record<string, string> = {};
  for (const path of await readdir(dir, { recursive: true })) {
    if (path.endsWith('.liquid'))
      templates[path.slice(0, -'.liquid'.length).replaceAll('\\', '/')] = await text(path);
  }
  const extra = async (path: string) => ({
    style: await text(`${path}.css`),
    script: await text(`${path}.js`),
  });
  const [publicStyle, inbox, docs] = await Promise.all([
    Promise.all(STYLES.map(text)).then((styles) => styles.join('\n')),
    extra('inbox/inbox'),
    extra('docs/sign-up-form'),
  ]);
  return { templates, publicStyle, extras: { inbox, docs } };
}

function edition(phrases: Phrases, templates: Record<string, string>): Edition {
  const engine = new Liquid({
    templates,
    cache: true,
    outputEscape: 'escape',
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    jsTruthy: true,
  });
  /** `{{ 'key' | t: name: value }}`: liquidjs hands named arguments over as pairs. */
  const settings = (filter: FilterContext) => filter.context.globals as Settings;
  engine.registerFilter(
    't',
    function (this: FilterContext, key: string, ...named: [string, string | number][]) {
      return phrases.say(key, Object.fromEntries(named), settings(this).locale);
    },
  );
  engine.registerFilter('list_of', (names: readonly string[]) =>
    new Intl.ListFormat(phrases.locale, { type: 'conjunction' }).format(
      names.map((name) => isolated(name, phrases.locale)),
    ),
  );
  /** `{{ pausedUntil | day }}`, `{{ act.at | moment }}`: a Date or ISO 8601, in the time zone of the person or the shop. */
  engine.registerFilter('day', function (this: FilterContext, value: unknown) {
    return formatDay(value, settings(this).locale, settings(this).timezone);
  });
  engine.registerFilter('moment', function (this: FilterContext, value: unknown) {
    return formatMoment(value, settings(this).locale, settings(this).timezone);
  });
  engine.registerFilter('one_line', (text: string) => text.trim().replaceAll(/,?\s*\n\s*/g, ', '));
  engine.registerFilter('bare_url', (url: string) => url.replace(/^https?:\/\//i, '').replace(/\/$/, ''));
  const parsed = new Map(
    Object.entries(templates).map(([name, source]) => [name, engine.parse(source, name)]),
  );
  return { phrases, engine, parsed };
}
