import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Liquid } from 'liquidjs';
import type { Template } from 'liquidjs';
import { brandCss, initial } from './brand.js';
import type { Brand } from './brand.js';
import type { PageData, PageName } from './page-data.js';
import { pageHeaders } from './page-headers.js';
import { viewOf } from './page-views.js';
import { FALLBACK, loadPhrases } from './phrases.js';
import type { Phrases } from './phrases.js';

export interface RenderedPage {
  html: string;
  /** To be sent as they are; the policy holds the hash of the style in this very page. */
  headers: Record<string, string>;
}

/** The files of the pages folder that are not phrases, by path without ending. */
interface Sources {
  templates: Record<string, string>;
  publicStyle: string;
  inboxStyle: string;
  inboxScript: string;
}

/** One language: its own engine, so that the filter `t` knows the language. */
interface Edition {
  locale: string;
  engine: Liquid;
  parsed: Map<string, Template[]>;
}

/** Server-rendered pages: templates and phrases are read once, and everything that comes from data is escaped. */
export class Pages {
  private constructor(
    private readonly sources: Sources,
    private readonly editions: ReadonlyMap<string, Edition>,
  ) {}

  /** @param dir the folder `pages/`; throws when a template does not parse or the English phrases are missing. */
  static async load(dir: string): Promise<Pages> {
    const [sources, phrases] = await Promise.all([readSources(dir), loadPhrases(join(dir, 'phrases'))]);
    const editions = new Map<string, Edition>();
    for (const [locale, spoken] of phrases) editions.set(locale, edition(spoken, sources.templates));
    return new Pages(sources, editions);
  }

  /** The languages there are, for a caller who matches Accept-Language. */
  get locales(): string[] {
    return [...this.editions.values()].map((one) => one.locale);
  }

  /** @param options.locale BCP 47; a language without phrases of its own falls back to its base (`de-AT` → `de`), then English. */
  render<P extends PageName>(
    page: P,
    data: PageData[P],
    options: { locale: string; brand: Brand },
  ): RenderedPage {
    const { locale, engine, parsed } = this.edition(options.locale);
    const operator = page.startsWith('inbox/');
    const style =
      brandCss(options.brand) + this.sources.publicStyle + (operator ? this.sources.inboxStyle : '');
    const script = operator ? this.sources.inboxScript : null;
    const template = parsed.get(page);
    if (!template) throw new Error(`There is no page "${page}"`);
    const html = String(
      engine.renderSync(template, viewOf(page, data), {
        globals: {
          page,
          locale,
          brand: { ...options.brand, initial: initial(options.brand) },
          style,
          script,
        },
      }),
    );
    return { html, headers: pageHeaders(page, style, script) };
  }

  private edition(locale: string): Edition {
    const wanted = locale.toLowerCase();
    const found =
      this.editions.get(wanted) ?? this.editions.get(wanted.split('-')[0]!) ?? this.editions.get(FALLBACK);
    return found!;
  }
}

async function readSources(dir: string): Promise<Sources> {
  const text = (path: string): Promise<string> => readFile(join(dir, path), 'utf8');
  const templates: Record<string, string> = {};
  for (const path of await readdir(dir, { recursive: true })) {
    if (path.endsWith('.liquid'))
      templates[path.slice(0, -'.liquid'.length).replaceAll('\\', '/')] = await text(path);
  }
  const [publicStyle, inboxStyle, inboxScript] = await Promise.all([
    text('pages.css'),
    text('inbox/inbox.css'),
    text('inbox/inbox.js'),
  ]);
  return { templates, publicStyle, inboxStyle, inboxScript };
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
  engine.registerFilter('t', (key: string, ...named: [string, string | number][]) =>
    phrases.say(key, Object.fromEntries(named)),
  );
  engine.registerFilter('list_of', (names: readonly string[]) =>
    new Intl.ListFormat(phrases.locale, { type: 'conjunction' }).format(names),
  );
  engine.registerFilter('one_line', (text: string) => text.trim().replaceAll(/,?\s*\n\s*/g, ', '));
  engine.registerFilter('bare_url', (url: string) => url.replace(/^https?:\/\//i, '').replace(/\/$/, ''));
  const parsed = new Map(
    Object.entries(templates).map(([name, source]) => [name, engine.parse(source, name)]),
  );
  return { locale: phrases.locale, engine, parsed };
}
