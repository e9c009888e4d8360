import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createApi } from '../../src/app/api.js';
import { openApiDocument } from '../../src/app/openapi.js';
import { orderEventsPage } from '../../src/modules/orders/index.js';
import { configurationPage, loadConfig } from '../../src/platform/config/index.js';
import { testDatabase } from '../support/database.js';

const committed = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/configuration.md is what the schema says; else: npm run docs', () => {
  expect(committed('docs/configuration.md')).toBe(`${configurationPage()}\n`);
});

test('docs/order-events.md is what the examples say; else: npm run docs', () => {
  expect(committed('docs/order-events.md')).toBe(orderEventsPage());
});

test('openapi.json is what the routes say; else: npm run openapi', async () => {
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'postrider-docs-'));
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }, '/dev/null');
  const app = await createApi({ config, databaseUrl: database.url, name: 'docs' });
  const document = openApiDocument(app);
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
  expect(JSON.parse(committed('openapi.json'))).toEqual(JSON.parse(JSON.stringify(document)));
  const calls = Object.values(document.paths).flatMap((path) => Object.values(path));
  for (const call of calls) expect(call).toHaveProperty('summary');
});
