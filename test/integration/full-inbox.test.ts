import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';

const ROOM = 3;

let database: TestDatabase;
let program: Program;

beforeAll(async () => {
  database = await testDatabase();
  program = await Program.start({ DATABASE_URL: database.url, INBOX_MAX_MESSAGES: String(ROOM) });
}, 60_000);

afterAll(async () => {
  await program?.remove();
  await database?.drop();
}, 60_000);

const kept = async () => database.db.selectFrom('inbox_messages').select('rcpt_to').execute();

test('what does not fit waits with the reason in sight, and comes when there is room again', async () => {
  const addresses = Array.from({ length: ROOM + 2 }, (_, index) => `p${index}@example.com`);
  const ids: string[] = [];
  for (const to of addresses) {
    const { status, body } = await program.call('POST', '/v1/emails', {
      to,
      subject: 'Hello',
      text: 'Hello',
    });
    expect(status).toBe(202);
    ids.push(body.id);
  }
  const deliveries = async () =>
    Promise.all(ids.map(async (id) => (await program.call('GET', `/v1/emails/${id}`)).body.deliveries[0]));

  const waiting = await eventually(async () => {
    const all = await deliveries();
    const refused = all.filter(({ reply }) => reply?.startsWith('452'));
    return all.filter(({ state }) => state === 'sent').length === ROOM && refused.length === 2 && refused;
  }, 60_000);
  for (const { state, tries, reply } of waiting) {
    expect(['queued', 'deferred', 'sending']).toContain(state);
    expect(tries).toBe(0);
    expect(reply).toContain(
      '4.3.1 The inbox is full (3 of 3 messages): empty it at /inbox or raise INBOX_MAX_MESSAGES',
    );
  }
  expect(await kept()).toHaveLength(ROOM);

  const emptied = await fetch(`${program.url}/inbox/empty`, { method: 'POST', redirect: 'manual' });
  expect(emptied.status).toBe(303);
  await eventually(async () => (await deliveries()).every(({ state }) => state === 'sent'), 90_000);
  expect(await kept()).toHaveLength(2);
}, 180_000);
