import { environmentSchema, secretNames } from './schema.js';

/** The configuration as a page; `docs/configuration.md` is this, and a test fails when it is stale. */
export function configurationPage(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '–';
    const file = (secretNames as readonly string[]).includes(name) ? ` Also as \`${name}_FILE\`.` : '';
    return `| \`${name}\` | ${fallback} | ${(schema.description ?? '').replaceAll('|', '\\|')}${file} |`;
  });
  return [
    '# Configuration',
    '',
    'Read from the environment, or from `.env` in the working directory. A bad value stops the start with its name. This page is made by `npm run docs`.',
    '',
    '| variable | default | what it is |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}
