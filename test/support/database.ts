import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool, Database } from '../../src/platform/database/index.js';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

/** A fresh database of this test file's own; migrated, unless it is to be empty. */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  const template = options.empty ? 'template0' : process.env['TEST_DATABASE_TEMPLATE'];
  if (!server || !template) throw new Error('test/support/global-setup.mjs has not run');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = new Database(createPool({ url: url.href, max: 8, name: 'test', onError: () => undefined }));
  return {
    url: url.href,
    db,
    drop: async () => {
      await db.destroy();
      await admin(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function admin(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
