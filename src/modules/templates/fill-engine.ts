import { Liquid, type FilterImplOptions } from 'liquidjs';
import { formatDay, formatMoney, formatPlural } from '../../domain/index.js';
import { escapeHtml } from './liquid-tokens.js';
import { paletteOf, type Palette } from './palette.js';

/** What filters need besides their input; handed to `renderSync` as `globals`. */
export interface FillSettings {
  locale: string;
  timezone: string;
}

/**
 * Limits for one render. The time is generous, because it is wall-clock and a busy machine must not fail a receipt;
 * it is there for templates that loop in loops.
 */
const LIMITS = { parseLimit: 2_000_000, renderLimit: 2_000, memoryLimit: 20_000_000 };

const TAGS = 'assign break case comment continue cycle echo for if raw unless #'.split(' ');

const LIQUID_FILTERS =
  'default upcase downcase capitalize strip truncate replace size first last join split plus minus times round'.split(
    ' ',
  );

/**
 * Phase 2, for the HTML part (`html`: every output is escaped) or for the text part and the subject (`text`).
 * A missing variable is an error, except in `{% if %}` and before `default`. Tags that read other templates or
 * write into the variables do not exist here.
 */
export function createFillEngine(part: 'html' | 'text'): Liquid {
  const isHtml = part === 'html';
  const engine = new Liquid({
    ...LIMITS,
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    outputEscape: isHtml ? (value: unknown) => escapeHtml(toText(value)) : toText,
  });
  keepOnly(engine.tags, TAGS);
  keepOnly(engine.filters, LIQUID_FILTERS);
  for (const [name, filter] of Object.entries(ownFilters(isHtml))) engine.registerFilter(name, filter);
  return engine;
}

export function keepOnly(table: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(table)) if (!names.includes(name)) delete table[name];
}

type FilterContext = { context: { globals: object } };

function ownFilters(isHtml: boolean): Record<string, FilterImplOptions> {
  const settings = (filter: FilterContext) => filter.context.globals as FillSettings;
  return {
    /** `{{ order.total | money: order.currency }}`; with `deduct: true` always as a reduction. */
    money(this: FilterContext, amount: unknown, currency: unknown, ...options: [string, unknown][]) {
      return formatMoney(amount, currency, settings(this).locale, new Map(options).get('deduct') === true);
    },
    /** `{{ order.placedAt | day }}` */
    day(this: FilterContext, value: unknown) {
      return formatDay(value, settings(this).locale, settings(this).timezone);
    },
    /** `{{ order.items.size | plural: one: "# item", other: "# items" }}` */
    plural(this: FilterContext, count: unknown, ...wordings: [string, unknown][]) {
      const words = wordings.map(([category, wording]) => [category, toText(wording)]);
      return formatPlural(count, Object.fromEntries(words), settings(this).locale);
    },
    /** `"name": {{ item.name | jsonld }}`: a JSON value that cannot end the <script> it stands in. */
    jsonld: { raw: true, handler: (value: unknown) => toScriptJson(value) },
    urlencode: (value: unknown) => encodeURIComponent(toText(value)),
    /** Escapes once, also where the output would be escaped anyway; a text part needs no escaping. */
    escape: {
      raw: isHtml,
      handler: (value: unknown) => (isHtml ? escapeHtml(toText(value)) : toText(value)),
    },
    newline_to_br: {
      raw: isHtml,
      handler: (value: unknown) =>
        isHtml ? escapeHtml(toText(value)).replace(/\r?\n/g, '<br>') : toText(value),
    },
    /** `{{ brand.colour | tone: "link" }}`: see palette.ts. */
    tone: (colour: unknown, name: keyof Palette) => paletteOf(colour)[name],
  };
}

/** @throws TypeError for an object: nobody wants to read "[object Object]" */
function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (Array.isArray(value)) return value.map(toText).join('');
  throw new TypeError('an object cannot be shown: name one of its fields');
}

const SCRIPT_ESCAPES: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function toScriptJson(value: unknown): string {
  const json = JSON.stringify(value ?? null);
  return json.replace(/[<>&\u2028\u2029]/g, (character) => SCRIPT_ESCAPES[character] as string);
}
