import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/engine.js';
import { testDatabase } from '../../../test/support/database.js';
import { createPool } from './pool.js';

test('a connection that is lost between two statements of a transaction is an error of that transaction only', async () => {
  const database = await testDatabase();
  const errors: string[] = [];
  const pool = createPool({
    url: database.url,
    max: 2,
    name: 'pool test',
    onError: ({ message }) => errors.push(message),
  });
  const client = await pool.connect();
  await client.query('BEGIN');
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  // Nothing waits on the connection now: without a listener this would end the process.
  await eventually(async () => errors.length > 0);
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release(true);
  expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one).toBe(1);
  await pool.end();
  await database.drop();
});

test('counts and days come as JavaScript has them', async () => {
  const database = await testDatabase();
  const { rows } = await database.db.pool.query(
    `SELECT 9007199254740991::bigint AS count, DATE '2026-11-01' AS day, 0.10::numeric AS price`,
  );
  expect(rows[0]).toEqual({ count: Number.MAX_SAFE_INTEGER, day: '2026-11-01', price: '0.10' });
  await database.drop();
});

test('who waits for a connection that another one holds gets it; a server that says nothing is given up sooner', async () => {
  const database = await testDatabase();
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const options = { max: 1, name: 'pool test', onError: () => undefined };
  const busy = createPool({ ...options, url: database.url });
  const dead = createPool({ ...options, url: `postgres://nobody:x@127.0.0.1:${port}/none` });
  const held = busy.query('SELECT pg_sleep(6)');
  const [waited, refused] = await Promise.allSettled([busy.query('SELECT 1 AS one'), dead.query('SELECT 1')]);
  expect(waited).toMatchObject({ status: 'fulfilled', value: { rows: [{ one: 1 }] } });
  // The client's own words: those of the pool, which waits longer, are others.
  expect(refused).toMatchObject({ status: 'rejected', reason: { message: 'timeout expired' } });
  await held;
  await Promise.all([busy.end(), dead.end(), database.drop()]);
  silent.close();
});
