import type { Config } from '../platform/config/index.js';
import { createApi } from './api.js';
import { migrateDatabase } from './migrate.js';
import { openApiDocument } from './openapi.js';

/** What `openapi.json` in the repository holds. The routes are read from the API itself, which needs a database to be made. */
export async function openApiJson(config: Config, databaseUrl: string): Promise<string> {
  await migrateDatabase(config, databaseUrl, () => undefined);
  const app = await createApi({ config, databaseUrl, name: 'openapi' });
  const json = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
  await app.close();
  return json;
}
