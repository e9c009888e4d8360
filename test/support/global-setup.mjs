import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One PostgreSQL for the whole run: the embedded one, in a temporary folder, or TEST_DATABASE_URL. Test files make their own
 * databases from a migrated template (see database.ts).
 */
export default async function globalSetup() {
  const { createPool, migrate } = await import('../../dist/platform/database/index.js');
  const server = process.env.TEST_DATABASE_URL ? { url: process.env.TEST_DATABASE_URL } : await embedded();
  process.env.TEST_DATABASE_URL = server.url;
  const template = `postrider_template_${process.pid}`;
  process.env.TEST_DATABASE_TEMPLATE = template;
  const admin = createPool({ url: server.url, max: 1, name: 'test setup', onError: () => {} });
  await admin.query(`CREATE DATABASE ${template}`);
  const url = new URL(server.url);
  url.pathname = `/${template}`;
  const pool = createPool({ url: url.href, max: 2, name: 'test setup', onError: () => {} });
  await migrate(pool, { queue: true });
  await pool.end();
  globalThis.stopTestDatabase = async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await admin.end();
    await server.stop?.();
  };
}

async function embedded() {
  const { startEmbeddedPostgres } = await import('../../dist/platform/embedded-postgres/index.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'postrider-test-'));
  const server = await startEmbeddedPostgres({ dataDir, log: () => {} });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
