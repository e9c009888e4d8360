import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleApi } from '../../../test/support/people-api.js';

describe('a flood', () => {
  const from = (ip: string) => ({ 'X-Forwarded-For': ip });
  let proxied: PeopleApi;
  beforeAll(async () => {
    proxied = await PeopleApi.start({ TRUST_PROXY: 'true' });
    await proxied.list('letters');
  });
  afterAll(() => proxied.stop());
  const send = (email: string, ip: string, list = 'letters') =>
    proxied.submit('/subscribe', new URLSearchParams({ email, list }), from(ip));
  const rows = async () => (await proxied.api.db.selectFrom('sign_ups').select('id').execute()).length;

  test.each([
    ['IPv4', (index: number) => `198.51.100.${index}`],
    ['IPv6', (index: number) => `2001:db8:7:${index.toString(16)}::1`],
  ])('a block of %s may send so many forms a minute, right or wrong', async (_, ip) => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (__, index) => send('flood@example', ip(index))),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(30);
    const turned = answers.filter(({ status }) => status === 429);
    expect(turned).toHaveLength(10);
    expect(Number(turned[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('one address from many networks is stored a few times, and answered the same', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, index) => send('wanted@example.com', `203.0.${index}.1`)),
    );
    expect(new Set(answers.map(({ status, html }) => `${status} ${html}`)).size).toBe(1);
    expect(await rows()).toBe(10);
    expect(await proxied.mailsTo('wanted@example.com')).toHaveLength(1);
  });

  test('a flood from everywhere stores six hundred forms a minute, and the rest of the API answers on', async () => {
    const before = await rows();
    const counts: Record<number, number> = {};
    const waits: number[] = [];
    const sent = 1_000;
    let next = 0;
    const hand = async () => {
      for (let index = next++; index < sent; index = next++) {
        const { status } = await send(`f${index}@example.com`, `10.${index >> 8}.${index & 255}.9`);
        counts[status] = (counts[status] ?? 0) + 1;
      }
    };
    const others = (async () => {
      for (let asked = 0; asked < 50; asked += 1) {
        const start = performance.now();
        expect((await proxied.api.read('/v1/lists')).status).toBe(200);
        waits.push(performance.now() - start);
      }
    })();
    await Promise.all([...Array.from({ length: 16 }, hand), others]);
    expect(await rows()).toBeLessThanOrEqual(before + 600);
    expect(counts[429]).toBeGreaterThanOrEqual(sent - 600);
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)]).toBeLessThan(1_000);
    const hour = await proxied.api.db
      .selectFrom('rate_limits')
      .select('hits')
      .where('key', 'like', '%sign-up list hour letters%')
      .executeTakeFirstOrThrow();
    expect(hour.hits).toBeLessThan(sent);
    const page = await send('late@example.com', '192.0.2.77');
    expect(page.status).toBe(429);
    expect(page.html).toContain('value="late@example.com"');
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  }, 120_000);
});
