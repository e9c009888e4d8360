import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Postrider, PostriderError } from '../../sdk/src/index.js';
import { waitBefore } from '../../sdk/src/retry.js';
import { hangsUp, says, saysNothing, ScriptedApi } from './scripted-api.js';

let api: ScriptedApi;
let postrider: Postrider;
beforeAll(async () => {
  api = await ScriptedApi.start();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.asked.length = 0;
  api.answers = [];
  postrider = new Postrider({ apiKey: 'pr_1', baseUrl: `${api.url}/`, timeoutMs: 5_000 });
});

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' };
const keys = () => api.asked.map(({ headers }) => headers['idempotency-key']);
const refusal = (statusCode: number, name: string) => ({ statusCode, name, message: 'No.', details: [] });

test('a call has the key, a JSON body and an Idempotency-Key of its own', async () => {
  api.answers = [says(202, { id: '1', status: 'queued' })];
  await expect(postrider.emails.send(mail)).resolves.toEqual({ id: '1', status: 'queued' });
  await postrider.emails.send(mail, { idempotencyKey: 'mine' });
  const [first] = api.asked;
  expect(first).toMatchObject({ method: 'POST', path: '/v1/emails' });
  expect(first?.headers).toMatchObject({ authorization: 'Bearer pr_1', 'content-type': 'application/json' });
  expect(JSON.parse(first?.body ?? '')).toEqual(mail);
  expect(keys()).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), 'mine']);
});

test('an id cannot leave its place in the path; what a query leaves out is not there', async () => {
  await postrider.orders.get('../lists?a#b');
  await postrider.orders.get('1', { shop: 'berlin' });
  expect(api.asked.map(({ path }) => path)).toEqual([
    '/v1/orders/..%2Flists%3Fa%23b',
    '/v1/orders/1?shop=berlin',
  ]);
});

test('a file goes as it is, under one key for all tries, and its errors come as they are', async () => {
  const csv = 'email\nada@example.com\n';
  const terms = { list: ['letters', 'offers'], consentText: 'Yes', consentSource: 'A form' };
  api.answers = [hangsUp, says(202, { id: '1' }), says(200, 'row,column,problem\r\n')];
  await expect(postrider.imports.create(new Blob([csv]), terms)).resolves.toEqual({ id: '1' });
  await expect(postrider.imports.errors('1')).resolves.toBe('row,column,problem\r\n');
  expect(api.asked[1]).toMatchObject({
    path: '/v1/imports?list=letters&list=offers&consentText=Yes&consentSource=A+form',
    headers: { 'content-type': 'text/csv' },
    body: csv,
  });
  expect(keys()[0]).toBe(keys()[1]);
});

test('204 is undefined', async () => {
  api.answers = [(response) => void response.writeHead(204).end()];
  await expect(postrider.subscriptions.remove('1')).resolves.toBeUndefined();
});

test('an error says everything that the answer says, and is not tried again', async () => {
  const details = [{ field: 'to', message: 'is missing' }];
  const answer = { statusCode: 422, name: 'validation_failed', message: 'to: is missing', details };
  api.answers = [says(422, answer, { 'X-Request-Id': 'r-1' })];
  const error = await postrider.emails.send(mail).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PostriderError);
  expect(error).toMatchObject({ ...answer, requestId: 'r-1' });
  expect(api.asked).toHaveLength(1);
});

test.each([
  ['a lost connection', hangsUp],
  ['503', says(503, refusal(503, 'database_unavailable'))],
  ['429', says(429, refusal(429, 'too_many_requests'), { 'Retry-After': '0' })],
  ['502 of a proxy', says(502, '<h1>Bad gateway</h1>')],
  ['the same request still running', says(409, refusal(409, 'idempotency_in_flight'))],
])('%s: again with the same key and body', async (_, answer) => {
  api.answers = [answer];
  await postrider.emails.send(mail);
  expect(api.asked).toHaveLength(2);
  expect(new Set(keys()).size).toBe(1);
  expect(new Set(api.asked.map(({ body }) => body)).size).toBe(1);
});

test.each([
  [409, 'conflict'],
  [501, 'not_implemented'],
  [404, 'not_found'],
])('%d %s is final', async (status, name) => {
  api.answers = [says(status, refusal(status, name))];
  await expect(postrider.emails.get('1')).rejects.toMatchObject({ statusCode: status, name });
  expect(api.asked).toHaveLength(1);
});

test('Retry-After in seconds is waited for; more than a minute is for the caller to know', async () => {
  api.answers = [says(429, refusal(429, 'too_many_requests'), { 'Retry-After': '1' })];
  const started = performance.now();
  await postrider.emails.get('1');
  expect(performance.now() - started).toBeGreaterThan(990);
  api.answers = [says(429, refusal(429, 'too_many_requests'), { 'Retry-After': '61' })];
  await expect(postrider.emails.get('1')).rejects.toMatchObject({ statusCode: 429 });
});

test('Retry-After as a date', async () => {
  expect(waitBefore(1, new Date(0).toUTCString())).toBe(0);
  expect(waitBefore(1, new Date(Date.now() + 30_000).toUTCString())).toBeGreaterThan(20_000);
  api.answers = [says(503, refusal(503, 'busy'), { 'Retry-After': new Date(0).toUTCString() })];
  await postrider.emails.get('1');
});

test('after the last try the error is thrown', async () => {
  const stubborn = new Postrider({ apiKey: 'pr_1', baseUrl: api.url, retries: 1 });
  api.answers = [1, 2, 3].map(() => says(500, refusal(500, 'internal_error'), { 'Retry-After': '0' }));
  await expect(stubborn.emails.get('1')).rejects.toMatchObject({ name: 'internal_error' });
  expect(api.asked).toHaveLength(2);
});

test('a new secret is asked for once, whatever comes back', async () => {
  api.answers = [hangsUp];
  await expect(postrider.webhooks.rotateSecret('1')).rejects.toMatchObject({ name: 'connection_failed' });
  expect(api.asked).toHaveLength(1);
});

test('no answer in time', async () => {
  api.answers = [saysNothing];
  await expect(postrider.emails.get('1', { timeoutMs: 100 })).resolves.toEqual({});
  const impatient = new Postrider({ apiKey: 'pr_1', baseUrl: api.url, retries: 0, timeoutMs: 100 });
  api.answers = [saysNothing];
  await expect(impatient.emails.get('1')).rejects.toMatchObject({ name: 'timeout', statusCode: null });
});

test.each([
  ['an answer', saysNothing],
  ['the next try', says(503, refusal(503, 'busy'), { 'Retry-After': '30' })],
])('the caller stops while it waits for %s', async (_, answer) => {
  api.answers = [answer];
  const reason = new Error('closed');
  const stop = new AbortController();
  const call = postrider.emails.get('1', { signal: stop.signal });
  setTimeout(() => stop.abort(reason), 100);
  await expect(call).rejects.toBe(reason);
  await expect(postrider.emails.get('1', { signal: stop.signal })).rejects.toBe(reason);
  expect(api.asked).toHaveLength(1);
});

test('the caller stops the only try', async () => {
  const once = new Postrider({ apiKey: 'pr_1', baseUrl: api.url, retries: 0 });
  api.answers = [saysNothing];
  const stopped = once.emails.get('1', { signal: AbortSignal.timeout(100) });
  await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('nobody there: the reason is named', async () => {
  const alone = new Postrider({ apiKey: 'pr_1', baseUrl: 'http://127.0.0.1:1', retries: 0 });
  await expect(alone.emails.get('1')).rejects.toMatchObject({
    name: 'connection_failed',
    message: expect.stringContaining('http://127.0.0.1:1/v1/emails/1 cannot be reached'),
  });
});

test('a redirect is not followed: a POST would become a GET', async () => {
  api.answers = [
    (response) => void response.writeHead(301, { Location: 'https://mail.shop.example/' }).end(),
  ];
  await expect(postrider.emails.send(mail)).rejects.toThrow('baseUrl leads on to https://mail.shop.example/');
  expect(api.asked).toHaveLength(1);
});

test('a page where JSON should be', async () => {
  api.answers = [says(200, '<h1>Welcome</h1>')];
  await expect(postrider.emails.get('1')).rejects.toMatchObject({ name: 'bad_answer', statusCode: 200 });
});

test('an empty key or an address that is none is said at once', () => {
  expect(() => new Postrider({ apiKey: '', baseUrl: api.url })).toThrow('apiKey is missing');
  expect(() => new Postrider({ apiKey: 'pr_1', baseUrl: 'shop' })).toThrow('baseUrl shop is no URL');
});
