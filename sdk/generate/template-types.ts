import { fileURLToPath } from 'node:url';
import { loadBuiltinTemplates } from '../../src/modules/templates/builtin-templates.js';
import { createFillEngine } from '../../src/modules/templates/fill-engine.js';
import { PreparedTemplate } from '../../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../../src/modules/templates/template-compiler.js';
import type { Variables } from '../../src/modules/templates/types.js';
import { generatedHeader } from './generated-header.js';
import { typeOfVariables, type Template } from './variables-type.js';

const FOLDER = fileURLToPath(new URL('../../templates', import.meta.url));

/** What Postrider puts into every mail (src/modules/delivery/mail-variables.ts). */
const given = new Set(['brand', 'sender', 'recipient', 'links']);
const givenLinks = new Set(['preferences', 'contact']);

/** `sdk/src/templates.ts`: the variables of each built-in template that a store can send through POST /v1/emails. */
export async function templateTypes(): Promise<string> {
  const compiler = new TemplateCompiler();
  const engine = createFillEngine('text');
  const templates = [...(await loadBuiltinTemplates(FOLDER)).values()];
  const elsewhere = (path: readonly string[]) =>
    templates.map(({ sample }) => at(sample, path)).find((value) => value !== undefined && value !== null);
  const entries: string[] = [];
  try {
    for (const { name, source, sample } of templates) {
      const compiled = await compiler.compile(source, 'en');
      const prepared = new PreparedTemplate(compiled);
      const parts = [compiled.html, compiled.text, compiled.subject].join('\n');
      const read = engine.globalVariableSegmentsSync(parts).map(names);
      const { own, common } = divide(sample);
      const template: Template = {
        sample: own,
        read: read.filter(([root = '']) => !given.has(root)),
        fills: (variables) => fills(prepared, { ...common, ...variables }),
        elsewhere,
      };
      // A mail with links that only a campaign or a notice has is none that a store sends.
      if (template.fills(own)) entries.push(`  '${name}': ${typeOfVariables(template)};`);
    }
  } finally {
    await compiler.close();
  }
  return [
    generatedHeader('templates/'),
    '',
    '/** The variables of each built-in template. */',
    'export interface TemplateVariables {',
    ...entries,
    '}',
    '',
  ].join('\n');
}

/** The names that a path begins with: `order.items[0].name` → order, items. */
function names(path: readonly unknown[]): string[] {
  const end = path.findIndex((segment) => typeof segment !== 'string');
  return path.slice(0, end === -1 ? path.length : end) as string[];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (inner as Variables | undefined)?.[name], value);
}

function divide(sample: Variables): { own: Variables; common: Variables } {
  const own = Object.entries(sample).filter(([name]) => !given.has(name));
  const common = Object.entries(sample).filter(([name]) => given.has(name));
  const links = Object.entries(sample['links'] as Variables).filter(([name]) => givenLinks.has(name));
  return {
    own: Object.fromEntries(own),
    common: { ...Object.fromEntries(common), links: Object.fromEntries(links) },
  };
}

function fills(template: PreparedTemplate, variables: Variables): boolean {
  try {
    template.fill(variables);
    return true;
  } catch {
    return false;
  }
}
