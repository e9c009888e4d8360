import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Policies } from './index.js';
import { PoliciesRepository } from './policies.repository.js';

let database: TestDatabase;
let policies: Policies;

beforeAll(async () => {
  database = await testDatabase();
  policies = new Policies(new PoliciesRepository());
});
afterAll(() => database.drop());

const publish = (revisedOn: string, version?: string, bodies: Record<string, string> = { en: '# Privacy' }) =>
  database.db.work(({ trx }) => policies.publish(trx, { revisedOn, version, bodies }));

describe('privacy policies', () => {
  test('there is none at first', async () => {
    expect(await policies.current(database.db)).toBeUndefined();
    expect(await policies.all(database.db)).toEqual([]);
  });

  test('the one that was published last is the current one; unnamed ones are numbered', async () => {
    await publish('2026-03-01');
    await publish('2026-05-01', 'spring');
    await publish('2026-04-01', undefined, { en: 'Words', de: 'Worte' });
    expect(await policies.current(database.db)).toMatchObject({
      version: '3',
      revisedOn: '2026-04-01',
      locales: ['de', 'en'],
    });
    expect((await policies.all(database.db)).map(({ version }) => version)).toEqual(['3', 'spring', '1']);
    expect((await policies.byVersion(database.db, '1'))?.bodies).toEqual({ en: '# Privacy' });
  });

  test('a version is published once, and its words never change', async () => {
    await expect(publish('2026-06-01', 'spring')).rejects.toMatchObject({ statusCode: 409 });
    for (const change of [
      `UPDATE privacy_policies SET bodies = '{}'`,
      'DELETE FROM privacy_policies',
      'TRUNCATE privacy_policies CASCADE',
    ])
      await expect(database.db.pool.query(change)).rejects.toThrow(/append-only|refused/);
  });

  test('many at once get numbers of their own, and each is told of', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => publish('2026-07-01')));
    expect(new Set(made.map(({ version }) => version)).size).toBe(6);
    const { rows } = await database.db.pool.query(
      `SELECT data->>'version' AS version FROM events WHERE type = 'policy.published'`,
    );
    expect(rows).toHaveLength(9);
  });
});
