import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
});
afterAll(() => people.stop());

const post = (csv: string, query = '') =>
  people.api.call('POST', `/v1/suppressions/import${query}`, csv, { 'Content-Type': 'text/csv' });
const holding = async (address: string) =>
  (await people.api.post('/v1/suppressions/search', { address, active: true })).body.data;
const exported = async (query = '') => {
  const response = await fetch(`${people.api.url}/v1/suppressions/export${query}`, {
    headers: { Authorization: `Bearer ${people.api.apiKey}` },
  });
  return {
    type: response.headers.get('content-type'),
    text: Buffer.from(await response.arrayBuffer()).toString(),
  };
};

describe('import', () => {
  test('an address alone is enough; scope, list, reason and evidence as they are given', async () => {
    const csv =
      'address,scope,list,reason,evidence\r\n' +
      'Gone@EXAMPLE.com,,,hard_bounce,"550, ""no such user"""\r\n' +
      'plain@example.com\r\nnone@example.com,list,letters,complaint,\r\n';
    expect(await post(csv)).toEqual({
      status: 200,
      body: { dryRun: false, rows: 3, added: 3, known: 0, invalid: 0, errors: [] },
    });
    expect(await holding('gone@example.com')).toMatchObject([
      { scope: 'all', reason: 'hard_bounce', evidence: '550, "no such user"', list: null },
    ]);
    expect(await holding('plain@example.com')).toMatchObject([{ scope: 'all', reason: 'imported' }]);
    expect(await holding('none@example.com')).toMatchObject([
      { scope: 'list', list: 'letters', reason: 'complaint' },
    ]);
    expect(await post(csv)).toMatchObject({ body: { added: 0, known: 3 } });
  });

  test('a dry run says the same and changes nothing', async () => {
    const csv = 'address\ndry@example.com\ndry@example.com\nno address\n';
    const expected = { rows: 3, added: 1, known: 1, invalid: 1 };
    expect((await post(csv, '?dryRun=true')).body).toMatchObject({ dryRun: true, ...expected });
    expect(await holding('dry@example.com')).toEqual([]);
    expect((await post(csv)).body).toMatchObject({ dryRun: false, ...expected });
    expect(await holding('dry@example.com')).toHaveLength(1);
  });

  test('each row that is not valid is named, and the others are taken', async () => {
    const csv = [
      'address,scope,list,reason',
      'fine@example.com,,,',
      'not an address,,,',
      'a@example.com,everything,,',
      'b@example.com,list,,',
      'c@example.com,all,letters,',
      'd@example.com,list,nowhere,',
      'e@example.com,,,because',
      ',,,',
    ].join('\n');
    const { body } = await post(csv);
    expect(body).toMatchObject({ rows: 8, added: 1, invalid: 7 });
    expect(body.errors.map(({ line, field }: { line: number; field: string }) => [line, field])).toEqual([
      [3, 'address'],
      [4, 'scope'],
      [5, 'list'],
      [6, 'list'],
      [7, 'list'],
      [8, 'reason'],
      [9, 'address'],
    ]);
    expect(body.errors[4].message).toBe('there is no list "nowhere"');
  });

  test.each([
    ['email\na@example.com\n', 422, 'first line'],
    ['address,note\na@example.com,x\n', 422, 'first line'],
    ['address\n"never closed', 400, 'not CSV'],
    [`address,evidence\na@example.com,${'x'.repeat(70_000)}\n`, 400, 'not CSV'],
  ])('%j', async (csv, status, says) => {
    const answer = await post(csv);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(says);
  });

  test('nothing at all is no rows; JSON is refused', async () => {
    expect((await post('')).body).toMatchObject({ rows: 0 });
    expect((await people.api.post('/v1/suppressions/import', { address: 'a@example.com' })).status).toBe(415);
    const elsewhere = await people.api.call('POST', '/v1/suppressions', 'address\n', {
      'Content-Type': 'text/csv',
    });
    expect(elsewhere.status).toBe(415);
  });

  test('a body that is cut leaves nothing behind', async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => `cut-${at}@example.com\n`).join('');
    await new Promise<void>((resolve) => {
      const call = request(`${people.api.url}/v1/suppressions/import`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${people.api.apiKey}`,
          'Content-Type': 'text/csv',
          'Content-Length': 1_000_000,
        },
      });
      call.on('error', () => resolve());
      call.write(`address\n${rows}`, () => setTimeout(() => call.destroy(new Error('cut')), 300));
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const open =
      "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()";
    expect((await people.api.db.pool.query(open)).rows).toEqual([]);
    expect(await holding('cut-0@example.com')).toEqual([]);
  });

  test('50,000 rows in bounded memory', async () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => `many-${at}@example.com,news`).join('\n');
    expect((await post(`address,scope\n${rows}`)).body).toMatchObject({ rows: 50_000, added: 50_000 });
  });
});

test('what was exported can be imported again, formulas too', async () => {
  const address = '+formula@example.com';
  await people.api.post('/v1/suppressions', { address, scope: 'news', evidence: '=cmd()' });
  const { type, text } = await exported();
  expect(type).toContain('text/csv');
  expect(text.match(/\uFEFF/g)).toHaveLength(1);
  expect(text).toContain("'+formula@example.com,news,,manual,'=cmd(),");
  const [held] = await holding(address);
  await people.api.post(`/v1/suppressions/${held.id}/release`, { note: 'x' });
  expect((await exported()).text).not.toContain('+formula');
  const withReleased = (await exported('?active=false')).text;
  expect(withReleased).toContain('+formula');
  expect((await post(withReleased)).body).toMatchObject({ invalid: 0, added: 0 });
  expect(await holding(address)).toEqual([]);
  expect((await post(text)).body).toMatchObject({ invalid: 0, added: 1 });
  expect(await holding(address)).toMatchObject([{ scope: 'news', reason: 'manual', evidence: '=cmd()' }]);
});

test('the score of an address, which nobody has to read in a URL', async () => {
  const { status, body } = await people.api.post('/v1/suppressions/scores', { address: 'Gone@example.com' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    address: 'gone@example.com',
    score: 0,
    limit: 5,
    suppression: { scope: 'all', reason: 'hard_bounce' },
    reports: [],
  });
});
