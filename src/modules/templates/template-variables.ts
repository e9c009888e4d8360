import type { PreparedTemplate } from './prepared-template.js';
import { TemplateError } from './template-error.js';
import type { FilledTemplate, Variables } from './types.js';

export interface TemplateVariable {
  /** As a merge tag names it; `order.items[].name` is that of each item. */
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'any';
  /** Whether a mail without it is refused. */
  readonly required: boolean;
  readonly example: unknown;
}

/** What every mail has, whatever the caller says: see delivery/mail-variables. */
export const GIVEN: ReadonlySet<string> = new Set(['brand', 'sender', 'recipient', 'links']);

/**
 * The variables that a template shows, found by trying: its sample is filled without each of them in turn. What makes no difference is
 * none of its variables; what fails is required. Some 0.1 ms a variable.
 * @param sample variables with which it can be filled
 */
export function variablesOf(template: PreparedTemplate, sample: Variables): TemplateVariable[] {
  const whole = shown(template.fill(sample));
  return pathsOf(sample)
    .filter(({ name }) => !GIVEN.has(name.split('.')[0] ?? ''))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap(({ name, example }) => {
      const without = fillWithout(template, sample, name);
      if (without !== undefined && shown(without) === whole) return [];
      return [{ name, type: typeOf(example), required: without === undefined, example }];
    });
}

/** Filled without one of its variables; undefined where that fails. */
export function fillWithout(
  template: PreparedTemplate,
  sample: Variables,
  name: string,
): FilledTemplate | undefined {
  const rest = structuredClone(sample);
  remove(rest, name.split('.'));
  try {
    return template.fill(rest);
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}

function shown({ subject, text, html }: FilledTemplate): string {
  return [subject, text, html].join('\0');
}

interface Path {
  readonly name: string;
  readonly example: unknown;
}

/** Values and lists; an object is only what is in it. */
function pathsOf(value: unknown, name = ''): Path[] {
  if (Array.isArray(value)) {
    const inner = value
      .flatMap((item) => pathsOf(item, `${name}[]`))
      .filter((path) => path.name !== `${name}[]`);
    const seen = new Map(inner.toReversed().map((path) => [path.name, path]));
    return [{ name, example: value.slice(0, 1) }, ...[...seen.values()].toReversed()];
  }
  if (typeof value !== 'object' || value === null) return [{ name, example: value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner, name === '' ? key : `${name}.${key}`),
  );
}

function remove(from: unknown, [key = '', ...rest]: string[]): void {
  if (typeof from !== 'object' || from === null) return;
  const isEach = key.endsWith('[]');
  const own = isEach ? key.slice(0, -2) : key;
  const object = from as Variables;
  if (rest.length === 0) delete object[own];
  else for (const inner of isEach ? (object[own] as unknown[]) : [object[own]]) remove(inner, rest);
}

function typeOf(example: unknown): TemplateVariable['type'] {
  if (Array.isArray(example)) return 'list';
  const type = typeof example;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'any';
}
