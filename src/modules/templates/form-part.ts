import { Tag, toValueSync, type Template } from 'liquidjs';
import type { FillSettings } from './fill-engine.js';
import type { Variables } from './types.js';

export type Render = (nodes: Template[], variables: Variables, settings: FillSettings) => string;

/** Fills some nodes for one recipient. */
type Field = (variables: Variables, settings: FillSettings) => string;

/** `{{ recipient.name }}` or `{{ recipient.name | default: "there" }}`: what nearly all personal merge tags are. */
const SIMPLE_TAG =
  /^\{\{-?\s*([a-z]\w*(?:\.[a-z]\w*)+)\s*(?:\|\s*default\s*:\s*(?:"[^"\\]*"|'[^'\\]*')\s*)?-?\}\}$/i;

/** Tags that leave something behind for the tags after them, or end what comes after them. */
const REMEMBERING = new Set(['assign', 'cycle', 'break', 'continue']);

/**
 * A part of a template as a form: the text that is the same for all recipients, and between each two pieces of it one field that
 * is filled for each of them.
 *
 * Which is which shows when the nodes are rendered with variables whose personal values cannot be read (`unreadable`): what could be
 * rendered without them does not depend on them. What could not, for this or another reason, is a field, and says why when it is filled.
 */
export class FormPart {
  /** One more than there are fields. */
  readonly strings: readonly string[];
  private readonly fields: readonly Field[];

  /**
   * @param escape how `render` writes a string that stands in the part
   * @param common as `render` takes them, with personal values that throw when they are read
   */
  constructor(
    nodes: Template[],
    render: Render,
    escape: (text: string) => string,
    common: { variables: Variables; settings: FillSettings },
  ) {
    const strings = [''];
    const fields: Template[][] = [];
    for (const group of remembers(nodes) ? [nodes] : nodes.map((node) => [node])) {
      const same = attempt(() => render(group, common.variables, common.settings));
      if (same !== undefined) strings.push(strings.pop() + same);
      else if (fields.length > 0 && strings.at(-1) === '') fields.at(-1)?.push(...group);
      else {
        fields.push([...group]);
        strings.push('');
      }
    }
    this.strings = strings;
    this.fields = fields.map((group) => fieldOf(group, render, escape));
  }

  /** @returns one for each field @throws TemplateError as `PreparedTemplate.fill` does */
  values(variables: Variables, settings: FillSettings): string[] {
    return this.fields.map((field) => field(variables, settings));
  }
}

/** `strings` with a value between each two. */
export function joinForm(strings: readonly string[], values: readonly string[]): string {
  let whole = strings[0] ?? '';
  for (const [index, value] of values.entries()) whole += value + (strings[index + 1] ?? '');
  return whole;
}

/**
 * Variables in which these paths cannot be read.
 * @param paths such as `recipient.name`, into objects of `variables`
 */
export function unreadable(variables: Variables, paths: readonly string[]): Variables {
  const copy: Variables = Object.defineProperties({}, Object.getOwnPropertyDescriptors(variables));
  for (const path of paths) {
    const [key = '', ...rest] = path.split('.');
    if (rest.length > 0) {
      copy[key] = unreadable(copy[key] as Variables, [rest.join('.')]);
    } else {
      Object.defineProperty(copy, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          throw new Error('a personal value');
        },
      });
    }
  }
  return copy;
}

function fieldOf(nodes: Template[], render: Render, escape: (text: string) => string): Field {
  const path = nodes.length === 1 ? simplePath(nodes[0]) : undefined;
  const byLiquid: Field = (variables, settings) => render(nodes, variables, settings);
  if (!path) return byLiquid;
  // Liquid takes 3 µs for it; it knows what to do where there is no such text.
  return (variables, settings) => {
    const value = read(variables, path);
    return typeof value === 'string' && value !== '' ? escape(value) : byLiquid(variables, settings);
  };
}

function simplePath(node: Template | undefined): string[] | undefined {
  return SIMPLE_TAG.exec(node?.token.getText() ?? '')?.[1]?.split('.');
}

function read(variables: Variables, path: readonly string[]): unknown {
  let value: unknown = variables;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Variables)[key];
  }
  return value;
}

/** Whether a node could depend on those before it: then only all of them together are filled as they should be. */
function remembers(nodes: Template[]): boolean {
  return nodes.some(
    (node) =>
      (node instanceof Tag &&
        (REMEMBERING.has(node.name) || (node.name === 'for' && /\bcontinue\b/.test(node.token.getText())))) ||
      remembers(childrenOf(node)),
  );
}

function childrenOf(node: Template): Template[] {
  return node.children ? toValueSync<Template[]>(node.children(false, true)) : [];
}

function attempt(render: () => string): string | undefined {
  try {
    return render();
  } catch {
    return undefined;
  }
}
