import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database, type Executor } from '../../platform/database/index.js';
import { loadBuiltinTemplates, readShared, type SharedFiles } from './builtin-templates.js';
import { phrasesFor } from './locale.js';
import { newsSource, type NewsContent } from './news-source.js';
import { PreparedTemplate } from './prepared-template.js';
import { checkTemplate, type Replaced } from './template-check.js';
import { TemplateCompiler } from './template-compiler.js';
import { TemplatesRepository } from './templates.repository.js';
import { GIVEN } from './template-variables.js';
import type { BuiltinTemplate, TemplateSource, Variables } from './types.js';

const BUILTIN_FOLDER = fileURLToPath(new URL('../../../templates', import.meta.url));

export interface BuiltinRevision extends BuiltinTemplate {
  readonly revisionId: string;
}

/**
 * Revisions and their compiled forms. A revision is compiled once per locale for all processes (the result is a row), and
 * parsed once per process; what is left per recipient is `PreparedTemplate.fill`.
 */
@Injectable()
export class Templates implements OnModuleInit, OnApplicationShutdown {
  private readonly compiler = new TemplateCompiler();
  /** Layouts, partials, phrases and the sample that come with Postrider. */
  shared: SharedFiles = { files: {}, phrases: {}, sample: {} };
  private builtins = new Map<string, BuiltinRevision>();
  private readonly sources = new LRUCache<string, TemplateSource>({ max: 500 });
  private readonly ready = new LRUCache<string, Promise<PreparedTemplate>>({ max: 500 });

  constructor(
    private readonly db: Database,
    private readonly repository: TemplatesRepository,
  ) {}

  async onModuleInit(): Promise<void> {
    this.shared = await readShared(BUILTIN_FOLDER);
    const revisions = new Map<string, BuiltinRevision>();
    for (const template of (await loadBuiltinTemplates(BUILTIN_FOLDER)).values()) {
      const revisionId = await this.repository.builtinRevision(template);
      this.sources.set(revisionId, template.source);
      revisions.set(template.name, { ...template, revisionId });
    }
    this.builtins = revisions;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.compiler.close();
  }

  /** What comes with Postrider, whatever is live in its place. */
  builtin(name: string): BuiltinRevision | undefined {
    return this.builtins.get(name);
  }

  /** The revision that a mail of this name goes out with now; undefined where there is no such template. */
  async live(name: string, executor: Executor = this.db): Promise<string | undefined> {
    const revisionId = await this.repository.liveRevision(executor, name);
    return revisionId ?? this.builtins.get(name)?.revisionId;
  }

  /** A campaign's content in the `news` layout. @throws TemplateError when it cannot be one */
  news(content: NewsContent): TemplateSource {
    const layout = this.builtins.get('news');
    if (!layout) throw new Error('The built-in template "news" is missing');
    return newsSource(content, layout);
  }

  /** Compiles without keeping it. @throws TemplateError with every problem and its line */
  async check(source: TemplateSource, locale = 'en'): Promise<PreparedTemplate> {
    return new PreparedTemplate(await this.compiler.compile(source, locale));
  }

  /**
   * Everything that is asked of a template before it is live.
   * @param sample of its own variables @param replaced the mail in whose place it stands
   * @returns warnings @throws TemplateError
   */
  async checkWhole(source: TemplateSource, sample: Variables, replaced?: Replaced): Promise<string[]> {
    return checkTemplate(this.compiler, source, this.sampleFor(replaced ? {} : sample, replaced), replaced);
  }

  /** What a template is filled with to be looked at. */
  sampleFor(own: Variables, replaced?: Replaced): Variables {
    const given = Object.entries(this.shared.sample).filter(([name]) => GIVEN.has(name));
    return { ...Object.fromEntries(given), ...replaced?.sample, ...own };
  }

  async addRevision(executor: Executor, source: TemplateSource): Promise<string> {
    const checksum = createHash('sha256').update(JSON.stringify(source)).digest('hex');
    return this.repository.addRevision(executor, source, checksum);
  }

  /**
   * A revision ready to be filled, from memory, else from the database, else compiled now (30–100 ms on its own thread).
   * @param executor the caller's transaction, where it is in one
   */
  async prepared(
    revisionId: string,
    locale: string,
    executor: Executor = this.db,
  ): Promise<PreparedTemplate> {
    const source = this.sources.get(revisionId) ?? (await this.repository.source(executor, revisionId));
    this.sources.set(revisionId, source);
    const found = phrasesFor(source.phrases, locale).locale;
    const key = `${revisionId} ${found}`;
    const known = this.ready.get(key);
    if (known) return known;
    const prepared = this.prepare(revisionId, found, source, executor);
    this.ready.set(key, prepared);
    prepared.catch(() => this.ready.delete(key));
    return prepared;
  }

  private async prepare(
    revisionId: string,
    locale: string,
    source: TemplateSource,
    executor: Executor,
  ): Promise<PreparedTemplate> {
    const stored = await this.repository.compiled(executor, revisionId, locale);
    if (stored) return new PreparedTemplate(stored);
    const compiled = await this.compiler.compile(source, locale);
    await this.repository.saveCompiled(executor, revisionId, locale, compiled);
    return new PreparedTemplate(compiled);
  }
}
