import { missingVariable } from './liquid-problems.js';
import { PreparedTemplate } from './prepared-template.js';
import type { TemplateCompiler } from './template-compiler.js';
import { CLIP_BYTES } from './template-compiler.js';
import { TemplateError, type TemplateProblem } from './template-error.js';
import { fillWithout, variablesOf } from './template-variables.js';
import type { TemplateSource, Variables } from './types.js';

/** What a mail takes the place of: it has to bear what that one bears. */
export interface Replaced {
  readonly source: TemplateSource;
  readonly sample: Variables;
}

/**
 * Everything that can be said of a template before it is live, in every language that it has: Liquid, MJML, phrases, alt texts, variables,
 * size, dark mode. In place of a built-in mail it also has to do without whatever that one can do without: a store may leave it out.
 * @param sample what it is filled with
 * @returns warnings
 * @throws TemplateError with every problem of the first language that has one
 */
export async function checkTemplate(
  compiler: TemplateCompiler,
  source: TemplateSource,
  sample: Variables,
  replaced?: Replaced,
): Promise<string[]> {
  const warnings = new Set<string>();
  for (const locale of localesOf(source)) {
    const compiled = await compiler.compile(source, locale, { strict: true });
    const template = new PreparedTemplate(compiled);
    const problems = problemsOf(template, source, sample);
    if (problems.length === 0 && replaced) {
      problems.push(...fragile(template, source, sample, await optional(compiler, replaced, locale)));
    }
    if (problems.length > 0) throw new TemplateError(problems);
    for (const warning of compiled.warnings) warnings.add(warning);
  }
  return [...warnings];
}

export function localesOf(source: TemplateSource): string[] {
  const locales = Object.keys(source.phrases);
  return locales.length > 0 ? locales : ['en'];
}

function problemsOf(
  template: PreparedTemplate,
  source: TemplateSource,
  sample: Variables,
): TemplateProblem[] {
  try {
    const { html } = template.fill(sample);
    const size = Buffer.byteLength(html);
    return [
      ...(size < CLIP_BYTES
        ? []
        : [{ message: `the HTML has ${Math.round(size / 1024)} KB: Gmail cuts off at 102 KB` }]),
      ...(/name="color-scheme"/i.test(html) && /prefers-color-scheme:\s*dark/i.test(html)
        ? []
        : [
            {
              message: `has no dark mode: begin with [% layout 'layouts/base.mjml' %], or add <meta name="color-scheme" content="light dark"> and a style for (prefers-color-scheme: dark)`,
            },
          ]),
    ];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.problems.map((problem) => inSource(problem, source));
  }
}

/** What the mail in whose place it stands can be filled without, and this one cannot. */
function fragile(
  template: PreparedTemplate,
  source: TemplateSource,
  sample: Variables,
  names: readonly string[],
): TemplateProblem[] {
  return names
    .filter((name) => fillWithout(template, sample, name) === undefined)
    .map((name) => ({
      ...lineOf(source, name.split('.').at(-1) ?? name),
      message: `the variable "${name}" may be missing: put it in {% if %}, or give it a default`,
    }));
}

async function optional(
  compiler: TemplateCompiler,
  { source, sample }: Replaced,
  locale: string,
): Promise<string[]> {
  const template = new PreparedTemplate(await compiler.compile(source, locale));
  return variablesOf(template, sample)
    .filter(({ required }) => !required)
    .map(({ name }) => name);
}

/** A line of the HTML says nothing to the author: the one that names the variable does. */
function inSource(problem: TemplateProblem, source: TemplateSource): TemplateProblem {
  const { part, message } = problem;
  if (part !== undefined) return problem;
  const variable = missingVariable(problem);
  return { ...(variable === undefined ? {} : lineOf(source, variable)), message };
}

function lineOf({ mjml }: TemplateSource, name: string): { line?: number } {
  const index = mjml.split('\n').findIndex((line) => line.includes(name));
  return index === -1 ? {} : { line: index + 1 };
}
