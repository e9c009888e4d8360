import type { Template } from 'liquidjs';
import { createFillEngine, type FillSettings } from './fill-engine.js';
import { liquidProblem } from './liquid-problems.js';
import { TemplateError, type TemplateProblem } from './template-error.js';
import type { CompiledTemplate, FilledTemplate, Variables } from './types.js';

const engines = { html: createFillEngine('html'), text: createFillEngine('text') };

const PARTS = { html: engines.html, text: engines.text, subject: engines.text };
type Part = keyof typeof PARTS;

/** A compiled template, parsed once and filled for each recipient. Keep it: parsing costs some hundred fills. */
export class PreparedTemplate {
  readonly locale: string;
  private readonly parsed: Record<Part, Template[]>;

  /** @throws TemplateError when a part is not valid Liquid */
  constructor(compiled: Pick<CompiledTemplate, Part | 'locale'>) {
    this.locale = compiled.locale;
    this.parsed = {
      html: parsePart('html', compiled.html),
      text: parsePart('text', compiled.text),
      subject: parsePart('subject', compiled.subject),
    };
  }

  /**
   * @param options.timezone IANA name, for `day`; UTC when unset
   * @throws TemplateError that names the missing variable or the value that a filter refuses
   */
  fill(variables: Variables, options: { timezone?: string } = {}): FilledTemplate {
    const settings: FillSettings = { locale: this.locale, timezone: options.timezone ?? 'UTC' };
    return {
      html: this.render('html', variables, settings),
      text: this.render('text', variables, settings),
      // A line break from a name would end the header field.
      subject: this.render('subject', variables, settings).replace(/\s+/g, ' ').trim(),
    };
  }

  private render(part: Part, variables: Variables, settings: FillSettings): string {
    try {
      return String(PARTS[part].renderSync(this.parsed[part], variables, { globals: settings }));
    } catch (error) {
      throw new TemplateError([liquidProblem(error, part)]);
    }
  }
}

/** What is wrong with the Liquid of a part, before anyone fills it. */
export function findLiquidProblem(part: Part, source: string): TemplateProblem | null {
  try {
    PARTS[part].parse(source);
    return null;
  } catch (error) {
    return liquidProblem(error, part);
  }
}

function parsePart(part: Part, source: string): Template[] {
  try {
    return PARTS[part].parse(source);
  } catch (error) {
    throw new TemplateError([liquidProblem(error, part)]);
  }
}
