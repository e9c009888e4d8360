import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { expectError } from '../support/error-shape.js';
import { API_KEY, Program } from '../support/program.js';
import { childrenOf } from '../support/processes.js';
import { rowCounts } from '../support/row-counts.js';

let database: TestDatabase;
let program: Program;
let before: Record<string, number>;
let api: number[];

beforeAll(async () => {
  database = await testDatabase();
  program = await Program.start({ DATABASE_URL: database.url });
  await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
  before = await rowCounts(database.db);
  api = childrenOf(program.pid, 'api');
}, 120_000);

afterAll(async () => {
  await program?.remove();
  await database?.drop();
}, 60_000);

afterEach(async () => {
  expect(await rowCounts(database.db)).toEqual(before);
  expect(childrenOf(program.pid, 'api')).toEqual(api);
  expect((await program.call('GET', '/health/ready')).status).toBe(200);
});

async function post(
  path: string,
  body: string | FormData | URLSearchParams,
  headers: Record<string, string> = {},
) {
  const response = await fetch(program.url + path, {
    method: 'POST',
    body,
    headers: { Authorization: `Bearer ${API_KEY}`, ...headers },
  });
  expect(response.headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
  return { status: response.status, body: await response.json() };
}

/** Octets as they are, on a connection of its own. */
async function raw(text: string) {
  const { hostname, port } = new URL(program.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.on('error', () => undefined);
  socket.end(text);
  await once(socket, 'close');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) as unknown };
}

const json = { 'Content-Type': 'application/json' };
const MEGABYTES = 'x'.repeat(2 * 1024 * 1024);
const form = (name: string, value: string | Blob): FormData => {
  const data = new FormData();
  data.set(name, value);
  return data;
};

describe('bodies', () => {
  const tooLarge = { status: 413, name: 'body_too_large', says: '1 MB' };

  test('2 MB are refused, in whatever form they come', async () => {
    expectError(await post('/v1/lists', JSON.stringify({ slug: 'a', name: MEGABYTES }), json), tooLarge);
    expectError(await post('/subscribe', new URLSearchParams({ email: MEGABYTES })), tooLarge);
    expectError(await post('/subscribe', form('email', MEGABYTES)), tooLarge);
    expectError(await post('/subscribe', form('email', new Blob([MEGABYTES]))), tooLarge);
    expectError(await post('/unsubscribe/x', form('List-Unsubscribe', MEGABYTES)), tooLarge);
  });

  test('2 MB without a Content-Length are refused too', async () => {
    const chunked = async () => {
      const response = await fetch(`${program.url}/v1/lists`, {
        method: 'POST',
        body: new Blob([MEGABYTES]).stream(),
        headers: { Authorization: `Bearer ${API_KEY}`, ...json },
        duplex: 'half',
      });
      return { status: response.status, body: await response.json() };
    };
    // The connection is closed behind the answer; a client that is still writing may see that first.
    expectError(await eventually(() => chunked().catch(() => undefined)), tooLarge);
  });

  test.each(['{"slug":', '{"slug":"a",}', "{'slug':'a'}", '\u{feff}{}x', '{"slug":"a"}{', 'slug=a'])(
    'malformed JSON: %s',
    async (text) => {
      expectError(await post('/v1/lists', text, json), { status: 400, name: 'bad_request', says: 'JSON' });
    },
  );

  test('no body, or one that is no object', async () => {
    expectError(await post('/v1/lists', '', json), { status: 400, name: 'bad_request', says: 'empty' });
    for (const text of ['null', '[]', '"a"', '1']) {
      const answer = await post('/v1/lists', text, json);
      expectError(answer, { status: 422, name: 'validation_failed', says: 'object' });
    }
  });

  test.each(['application/xml', 'application/octet-stream', 'nonsense'])(
    'a content type that is none of ours: %s',
    async (type) => {
      const answer = await post('/v1/lists', '<list/>', { 'Content-Type': type });
      expectError(answer, { status: 415, name: 'unsupported_media_type', says: 'application/json' });
    },
  );

  test('multipart that ends too early, or has no boundary', async () => {
    const bad = { status: 400, name: 'bad_multipart', says: 'multipart' };
    const cut = '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@exa';
    expectError(await post('/subscribe', cut, { 'Content-Type': 'multipart/form-data; boundary=b' }), bad);
    expectError(await post('/subscribe', cut, { 'Content-Type': 'multipart/form-data' }), bad);
  });
});

describe('around the routes', () => {
  test.each([
    ['PUT', '/v1/lists', 'GET, HEAD, POST'],
    ['DELETE', '/v1/lists/news?x=1', 'GET, HEAD, PATCH'],
    ['PATCH', '/v1/emails/1/cancel', 'POST'],
    ['GET', '/hooks/store/stripe', 'POST'],
    ['OPTIONS', '/v1/emails', 'POST'],
  ])('%s %s is refused with what it takes: %s', async (method, path, allowed) => {
    const body = method === 'GET' ? undefined : {};
    const answer = await program.call(method, path, body, { Authorization: '' });
    expectError(answer, { status: 405, name: 'method_not_allowed', says: allowed });
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  test.each([
    ['POST', '/v1/nothing'],
    ['POST', '/v1/emails/1/nothing'],
    ['GET', '/v2/lists'],
  ])('%s %s is named', async (method, path) => {
    const answer = await program.call(method, path, method === 'GET' ? undefined : {});
    expectError(answer, { status: 404, name: 'not_found', says: `${method} ${path}` });
  });

  test('ids that are none, or that nothing has', async () => {
    const missing = '01900000-0000-7000-8000-000000000000';
    for (const kind of ['campaigns', 'emails', 'subscribers', 'lists', 'orders', 'templates', 'relays']) {
      for (const id of ['x', missing, '%00', '..%2f..%2fetc', 'a'.repeat(90)]) {
        const answer = await program.call('GET', `/v1/${kind}/${id}`);
        expect([kind, id, answer.status]).toEqual([kind, id, expect.any(Number)]);
        expect(answer.body).toMatchObject({
          statusCode: answer.status,
          name: expect.any(String),
          details: expect.any(Array),
        });
        expect([404, 422]).toContain(answer.status);
      }
    }
  });

  test('a query that is wrong names its parameter', async () => {
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=ten', 'limit'],
      ['colour=red', 'colour'],
      ['after=x', 'after'],
    ]) {
      const answer = await program.call('GET', `/v1/lists?${query}`);
      expectError(answer, { status: 422, name: 'validation_failed', says: field ?? '', field: field ?? '' });
    }
  });

  test('a URL that cannot be read, or is too long', async () => {
    expectError(await program.call('GET', '/v1/lists/%ff'), {
      status: 400,
      name: 'bad_request',
      says: '/v1/lists/%ff',
    });
    const long = await program.call('GET', `/v1/lists/${'a'.repeat(500)}`);
    expect([404, 414]).toContain(long.status);
    expect(long.body).toMatchObject({ statusCode: long.status, details: [] });
  });

  test('what is no HTTP, and headers without end', async () => {
    expectError(await raw('Hello\r\n\r\n'), {
      status: 400,
      name: 'bad_request',
      says: 'not an HTTP request',
    });
    const overlong = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`;
    expectError(await raw(overlong), {
      status: 431,
      name: 'request_header_fields_too_large',
      says: 'headers',
    });
  });

  test('links that are forged or cut', async () => {
    for (const path of ['/confirm/x', '/unsubscribe/AAAA', '/preferences/%00']) {
      for (const method of ['GET', 'POST']) {
        const answer = await program.call(method, path, undefined, { Accept: 'application/json' });
        expectError(answer, { status: 404, name: 'not_found', says: 'link' });
      }
    }
  });

  test('a visitor sees a page instead', async () => {
    const response = await fetch(`${program.url}/unsubscribe/x`, { headers: { Accept: 'text/html' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<h1>');
  });
});

describe('keys', () => {
  const list = async (authorization: string) =>
    program.call('GET', '/v1/lists', undefined, { Authorization: authorization });

  test('none, another scheme, a wrong one', async () => {
    const response = await fetch(`${program.url}/v1/lists`);
    const missing = { status: response.status, body: await response.json() };
    expectError(missing, { status: 401, name: 'missing_api_key', says: 'Authorization' });
    const wrong = { status: 401, name: 'invalid_api_key', says: 'This API key is unknown' };
    for (const value of [
      'Basic eDp5',
      `Bearer ${API_KEY}x`,
      'Bearer',
      `Bearer ${API_KEY} ${API_KEY}`,
      `bearer ''`,
    ]) {
      expectError(await list(value), wrong);
    }
  });

  test('guessing is slowed down, and who has the right key is not', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 80 }, (_, index) => list(`Bearer pr_guess_${index}`)),
    );
    const refused = guesses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expectError(answer, { status: 429, name: 'too_many_requests', says: 'try again in' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await list(`Bearer ${API_KEY}`)).status).toBe(200);
  });
});
