import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import {
  newId,
  stopsMail,
  suppressionReasons,
  suppressionScopes,
  type SuppressibleMail,
  type SuppressionFacts,
} from '../../src/domain/index.js';
import { CheckRepository } from '../../src/modules/delivery/check.repository.js';
import type { Claim } from '../../src/modules/delivery/claim.types.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const BUCKET = '2026-11-01';
const token = newId();
const [thisList, otherList] = [newId(), newId()];
/** What a delivery is to a suppression, and how it stands in the database. */
const mails: { name: string; stream: string; mail: SuppressibleMail; batch: 'notice' | 'campaign' | null }[] =
  [
    { name: 'order', stream: 'orders', mail: { kind: 'needed' }, batch: null },
    { name: 'service', stream: 'service', mail: { kind: 'needed' }, batch: null },
    { name: 'notice', stream: 'news', mail: { kind: 'needed' }, batch: 'notice' },
    { name: 'news', stream: 'news', mail: { kind: 'news', listId: thisList }, batch: 'campaign' },
    { name: 'other news', stream: 'news', mail: { kind: 'news', listId: otherList }, batch: 'campaign' },
  ];
const every: SuppressionFacts[] = suppressionScopes.flatMap((scope) =>
  suppressionReasons.map((reason) => ({ scope, reason, listId: scope === 'list' ? thisList : null })),
);
/** None, each alone, each two together; and each as one that was released. */
const held: { active: SuppressionFacts[]; released: SuppressionFacts[] }[] = [
  { active: [], released: [] },
  ...every.map((one) => ({ active: [one], released: [] })),
  ...every.map((one) => ({ active: [], released: [one] })),
  ...every.flatMap((one, at) => every.slice(at + 1).map((other) => ({ active: [one, other], released: [] }))),
  ...every.map((one) => ({ active: [one], released: every.filter((other) => other !== one) })),
];

let database: TestDatabase;
const batches = { notice: newId(), campaign: newId(), other: newId() };
beforeAll(async () => {
  database = await testDatabase();
  await database.db.transaction().execute(async (trx) => {
    // The sender and the template do not matter here.
    await sql`SET LOCAL session_replication_role = replica`.execute(trx);
    for (const [kind, id] of [
      ['notice', batches.notice],
      ['campaign', batches.campaign],
      ['campaign', batches.other],
    ])
      await sql`INSERT INTO batches (id, bucket, sender_id, revision_id, name, state, kind)
                VALUES (${id}, ${BUCKET}, ${newId()}, ${newId()}, 'x', 'open', ${kind})`.execute(trx);
    for (const [id, slug] of [
      [thisList, 'this'],
      [otherList, 'other'],
    ])
      await sql`INSERT INTO lists (id, slug, name, opt_in, visibility, sender_id)
                VALUES (${id}, ${slug}, ${slug}, 'double', 'public', ${newId()})`.execute(trx);
  });
});
afterAll(() => database.drop());

test('the check before a hand-over says what the domain says, for every combination', async () => {
  const { db } = database;
  const expected = new Map<number, { what: string; skip: string | null }>();
  let id = 0;
  const deliveries: object[] = [];
  const suppressions: object[] = [];
  const people: object[] = [];
  const subscriptions: object[] = [];
  for (const { active, released } of held) {
    const person = newId();
    const canonical = `${person}@example.com`;
    people.push({ id: person, canonical, address: canonical, attributes: '{}' });
    for (const list_id of [thisList, otherList])
      subscriptions.push({ id: newId(), person_id: person, list_id, status: 'confirmed' });
    const row = ({ scope, reason, listId }: SuppressionFacts, isReleased: boolean) =>
      suppressions.push({
        id: newId(),
        canonical,
        scope,
        reason,
        list_id: listId,
        released_at: isReleased ? new Date() : null,
      });
    for (const one of active) row(one, false);
    for (const one of released) row(one, true);
    for (const { name, stream, mail, batch } of mails) {
      id += 1;
      const campaign = batch === null ? null : name === 'other news' ? batches.other : batches[batch];
      deliveries.push({
        bucket: BUCKET,
        id,
        stream,
        campaign_id: campaign,
        message_id: campaign === null ? newId() : null,
        person_id: person,
        via_list_id: mail.kind === 'news' ? mail.listId : null,
        address: canonical,
        recipient_domain: 'example.com',
        state: 'sending',
        lease_token: token,
        lease_until: new Date(Date.now() + 60_000),
      });
      const words = active.map(({ scope, reason }) => `${scope} ${reason}`).join(', ');
      expected.set(id, {
        what: `${name}: ${words}${released.length > 0 ? ` (${released.length} released)` : ''}`,
        skip: active.some((one) => stopsMail(one, mail)) ? 'suppressed' : null,
      });
    }
  }
  await db
    .insertInto('people')
    .values(people as never)
    .execute();
  await db
    .insertInto('subscriptions')
    .values(subscriptions as never)
    .execute();
  await db
    .insertInto('suppressions')
    .values(suppressions as never)
    .execute();
  for (let at = 0; at < deliveries.length; at += 500)
    await db
      .insertInto('deliveries')
      .values(deliveries.slice(at, at + 500) as never)
      .execute();

  const claim = { bucket: BUCKET, token } as Claim;
  const checked = await new CheckRepository(db).check(claim, [...expected.keys()]);
  const said = [...expected].map(([at, { what }]) => ({ what, skip: checked.get(at)?.skip }));
  expect(said).toEqual([...expected.values()]);
  expect(said.filter(({ skip }) => skip === 'suppressed').length).toBeGreaterThan(300);
});
