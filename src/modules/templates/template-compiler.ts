import { textDirection } from '../../domain/index.js';
import { accentsToLiquid } from './accents.js';
import { expand } from './expand.js';
import { finishHtml, setLanguage } from './finish-html.js';
import { lintMjml } from './lint.js';
import { phrasesFor } from './locale.js';
import { MjmlWorker } from './mjml-worker.js';
import { textFromHtml } from './plain-text.js';
import { findLiquidProblem } from './prepared-template.js';
import { authoredLines } from './source-lines.js';
import { describeProblem, TemplateError, type TemplateProblem } from './template-error.js';
import type { CompiledTemplate, TemplateSource } from './types.js';

/** Gmail cuts a message off after 102 KB of HTML; filling adds to what is measured here. */
export const CLIP_BYTES = 102 * 1024;
const WARN_BYTES = 90 * 1024;

const MAX_PROBLEMS = 20;

/** Compiles templates, once per revision and locale. Owns a worker thread: close it. */
export class TemplateCompiler {
  private readonly mjml: MjmlWorker;

  /** @param options.timeoutMs for the MJML part of one compile */
  constructor(options: { timeoutMs?: number } = {}) {
    this.mjml = new MjmlWorker(options.timeoutMs ?? 15_000);
  }

  /**
   * @param locale as requested, `de-AT`; the answer says which one was found
   * @param options.strict what the lint warns of (no alt text, HTML that is not closed) is a problem
   * @throws TemplateError with every problem found, lines counted in the author's own text
   */
  async compile(
    source: TemplateSource,
    locale: string,
    options: { strict?: boolean } = {},
  ): Promise<CompiledTemplate> {
    const found = phrasesFor(source.phrases, locale);
    const expanded = expand(source, found);
    const own = (['subject', 'text'] as const)
      .map((part) => findLiquidProblem(part, expanded[part] ?? ''))
      .filter((problem) => problem !== null);
    // A layout shows the subject as the title: where it is wrong, that is no mistake of the MJML.
    const untitled = own.some(({ part }) => part === 'subject');
    const { mjml: shown } = untitled ? expand({ ...source, subject: '' }, found) : expanded;
    const mjml = setLanguage(shown, found.locale, textDirection(found.locale));
    const inAuthorsLines = lineTranslator(mjml, source);

    const lint = lintMjml(mjml);
    const inMjml = findLiquidProblem('html', mjml, 'mjml');
    const strict = options.strict === true ? lint.warnings : [];
    const problems = [...lint.problems, ...strict, ...(inMjml ? [inMjml] : [])]
      .map(inAuthorsLines)
      .concat(own);
    if (problems.length > 0) throw new TemplateError(problems.slice(0, MAX_PROBLEMS));

    const compiled = await this.mjml.compile(mjml).catch((error: unknown) => {
      throw error instanceof TemplateError ? new TemplateError(error.problems.map(inAuthorsLines)) : error;
    });
    const html = finishHtml(accentsToLiquid(compiled), expanded.subject);
    const broken = findLiquidProblem('html', html);
    if (broken) throw new TemplateError([{ message: `${broken.message} (in the compiled HTML)` }]);

    const sizeBytes = Buffer.byteLength(html);
    return {
      html,
      text: expanded.text ?? textFromHtml(html),
      subject: expanded.subject,
      locale: found.locale,
      warnings: [
        ...lint.warnings.map(inAuthorsLines).map(describeProblem),
        ...sizeWarnings(sizeBytes),
        ...phraseWarnings(found.locale, found.borrowed),
      ],
      sizeBytes,
    };
  }

  /** Stops the worker thread; a compile in hand fails. */
  close(): Promise<void> {
    return this.mjml.close();
  }
}

/** A slot is what a person wrote, so its lines come first. */
function lineTranslator(mjml: string, source: TemplateSource): (problem: TemplateProblem) => TemplateProblem {
  const authored = [source.slots?.['mjml'], source.mjml];
  const lookUps = authored.map((text) => authoredLines(mjml, text ?? ''));
  return ({ line, message }) => {
    if (line === undefined) return { message };
    for (const lookUp of lookUps) {
      const own = lookUp(line);
      if (own !== undefined) return { line: own, message };
    }
    return { message };
  };
}

function sizeWarnings(bytes: number): string[] {
  if (bytes < WARN_BYTES) return [];
  const size = `the HTML has ${Math.round(bytes / 1024)} KB`;
  return [
    bytes < CLIP_BYTES
      ? `${size}, close to the 102 KB where Gmail cuts off`
      : `${size}: Gmail cuts off at 102 KB`,
  ];
}

function phraseWarnings(locale: string, borrowed: string[]): string[] {
  return borrowed.length === 0
    ? []
    : [`phrases missing in ${locale}, in English for now: ${borrowed.join(', ')}`];
}
