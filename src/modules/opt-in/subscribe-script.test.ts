import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';

let people: PeopleApi;
beforeAll(async () => {
  people = await PeopleApi.start();
  await people.list('letters');
});
afterAll(() => people.stop());

describe('for a script', () => {
  const json = async (fields: Record<string, string>) => {
    const page = await people.submit('/subscribe', new URLSearchParams(fields), {
      Accept: 'application/json',
      Origin: 'https://shop.example',
    });
    return {
      status: page.status,
      origin: page.headers.get('access-control-allow-origin'),
      body: JSON.parse(page.html),
    };
  };

  test('the answer is JSON, may be read on any page, and is the same for everybody', async () => {
    await people.confirmed('json-known@example.com', ['letters']);
    const known = await json({ email: 'json-known@example.com', list: 'letters' });
    expect(known).toMatchObject({
      status: 200,
      origin: '*',
      body: { state: 'sent', title: 'Check your inbox' },
    });
    expect(await json({ email: 'json-new@example.com', list: 'letters' })).toEqual(known);
    const german = await json({ email: 'json-new@example.com', list: 'letters', locale: 'de' });
    expect(german.body.title).toMatch(/Posteingang|Postfach/);
  });

  test('what is wrong is named by field, in the language of the form', async () => {
    expect(await json({ email: 'ada@example', list: 'none', locale: 'de' })).toMatchObject({
      status: 422,
      origin: '*',
      body: {
        name: 'validation_failed',
        details: [
          { field: 'email', message: expect.stringContaining('E-Mail-Adresse') },
          { field: 'lists', message: expect.any(String) },
        ],
      },
    });
  });
});
