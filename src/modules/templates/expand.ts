import { Liquid } from 'liquidjs';
import { textDirection } from '../../domain/index.js';
import { accentColours } from './accents.js';
import { keepOnly } from './fill-engine.js';
import { escapeAroundLiquid, isolateOutputs } from './liquid-tokens.js';
import { liquidProblem } from './liquid-problems.js';
import type { LocalePhrases } from './locale.js';
import { TemplateError } from './template-error.js';
import type { Phrases, TemplateSource } from './types.js';

/** A source after phase 1: one locale, no `[[ ]]` left, MJML still to be compiled. */
export interface ExpandedSource {
  mjml: string;
  text: string | null;
  subject: string;
}

const DELIMITERS = {
  outputDelimiterLeft: '[[',
  outputDelimiterRight: ']]',
  tagDelimiterLeft: '[%',
  tagDelimiterRight: '%]',
};
const LIMITS = { parseLimit: 2_000_000, renderLimit: 2_000, memoryLimit: 20_000_000 };
const TAGS = ['assign', 'block', 'case', 'comment', 'for', 'if', 'layout', 'raw', 'render', 'unless', '#'];
const FILTERS = ['default', 'raw', 'upcase', 'downcase', 'size', 'join', 'split'];

/**
 * Phase 1: layouts, partials and phrases, once per revision and locale.
 * In MJML a phrase is plain text and is escaped around its own `{{ }}`; slots and layouts are taken as they are.
 * @throws TemplateError for a syntax error or a phrase that no catalogue has
 */
export function expand(source: TemplateSource, spoken: LocalePhrases): ExpandedSource {
  const { locale } = spoken;
  const dir = textDirection(locale);
  const phrases = dir === 'rtl' ? isolated(spoken.phrases) : spoken.phrases;
  const [start, end] = dir === 'rtl' ? ['right', 'left'] : ['left', 'right'];
  const scope = {
    t: phrases,
    lang: locale,
    dir,
    start,
    end,
    slots: source.slots ?? {},
    ...accentColours,
  };
  const partials = source.partials ?? {};
  const subject = render('subject', source.subject, partials, scope).trim();
  const preheader = source.preheader ?? phrases['preheader'] ?? '';
  const mjmlScope = { ...scope, title: subject, preheader: render('preheader', preheader, partials, scope) };
  return {
    subject,
    mjml: render('mjml', source.mjml, partials, mjmlScope),
    text: source.text === null ? null : render('text', source.text, partials, scope),
  };
}

function isolated(phrases: Phrases): Phrases {
  return Object.fromEntries(Object.entries(phrases).map(([key, phrase]) => [key, isolateOutputs(phrase)]));
}

function render(part: string, template: string, partials: Record<string, string>, scope: object): string {
  const engine = new Liquid({
    ...DELIMITERS,
    ...LIMITS,
    templates: partials,
    globals: scope,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    ...(part === 'mjml' && {
      outputEscape: (value: string | number | null) => escapeAroundLiquid(String(value ?? '')),
    }),
  });
  keepOnly(engine.tags, TAGS);
  keepOnly(engine.filters, FILTERS);
  try {
    return String(engine.parseAndRenderSync(template));
  } catch (error) {
    throw new TemplateError([liquidProblem(error, part)]);
  }
}
