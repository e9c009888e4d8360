import { environmentSchema, secretNames } from './schema.js';

/** The configuration as Markdown; `docs/configuration.md` is this, and a test fails when it is stale. */
export function configurationTable(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '–';
    const file = (secretNames as readonly string[]).includes(name) ? ` Also as \`${name}_FILE\`.` : '';
    return `| \`${name}\` | ${fallback} | ${(schema.description ?? '').replaceAll('|', '\\|')}${file} |`;
  });
  return ['| variable | default | what it is |', '|---|---|---|', ...rows].join('\n');
}
