import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Postrider } from '../../sdk/src/index.js';
import { ScriptedApi } from './scripted-api.js';

/** What a store calls. The rest is the operator's, by hand or on a page. */
const forStores =
  /^\S+ \/v1\/(orders|order-events|emails|subscriptions|subscribers|lists|campaigns|suppressions|webhook-endpoints|keys|templates|imports|relays|domain-caps|reports)(\/|$)/;

const { paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, unknown>>;
};
const routes = Object.entries(paths).flatMap(([path, calls]) =>
  Object.entries(calls)
    // All that is exported goes out by curl or the command line, and so do lists of suppressions.
    .filter(() => !/^\/v1\/(suppressions\/(import|export)|subscribers\/export)$/.test(path))
    .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, 'ID')}`),
);

let api: ScriptedApi;
beforeAll(async () => {
  api = await ScriptedApi.start();
});
afterAll(() => api.stop());

/** Every public method of every group; `ID` stands for each of its arguments. */
async function callEverything(postrider: Postrider): Promise<void> {
  const notCalls = new Set(['constructor', 'client', 'post', 'of', 'verify']);
  for (const group of Object.values(postrider) as Record<string, (...ids: string[]) => Promise<unknown>>[]) {
    const names = [...Object.keys(group), ...Object.getOwnPropertyNames(Object.getPrototypeOf(group))];
    for (const name of names.filter((one) => !notCalls.has(one))) await group[name]?.('ID', 'ID');
  }
}

test('the SDK calls every route of the API that is for a store, and none that is not there', async () => {
  await callEverything(new Postrider({ apiKey: 'pr_1', baseUrl: api.url }));
  const called = new Set(api.asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`));
  expect([...called].toSorted()).toEqual(routes.filter((route) => forStores.test(route)).toSorted());
});
