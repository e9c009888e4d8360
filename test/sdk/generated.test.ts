import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openApiTypes } from '../../sdk/generate/openapi-types.js';
import { templateTypes } from '../../sdk/generate/template-types.js';

const committed = (name: string) => readFileSync(new URL(`../../sdk/src/${name}`, import.meta.url), 'utf8');

test('sdk/src/openapi.ts is what openapi.json says; else: npm run sdk', async () => {
  expect((await openApiTypes()) === committed('openapi.ts')).toBe(true);
});

test('sdk/src/templates.ts is what the templates need; else: npm run sdk', async () => {
  expect(await templateTypes()).toBe(committed('templates.ts'));
});
