import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { InboundWork } from '../../src/modules/inbound/index.js';
import { Intake } from '../../src/modules/inbound/intake.service.js';
import { InboundRoutes } from '../../src/modules/inbound/inbound-routes.js';
import { Lists } from '../../src/modules/lists/index.js';
import { arf, BouncesApi, dsn, type SentMail } from '../support/bounces.js';

let bounces: BouncesApi;
let listId: string;
let worlds = 0;

beforeAll(async () => {
  bounces = await BouncesApi.start({ SOFT_BOUNCE_LIMIT: '3' });
  const letters = { slug: 'letters', name: 'Letters', optIn: 'double', visibility: 'public' } as const;
  listId = (await bounces.api.db.work((work) => bounces.api.get(Lists).create(work, letters))).id;
});
afterAll(() => bounces.api.stop());

/** Deliveries by person: several of one, because what is told of one address builds on what was told before. */
const TO = [0, 0, 0, 0, 1, 1, 2, 3, 4];

const replies = {
  gone: { status: '5.1.1', reply: '550 5.1.1 User unknown' },
  full: { status: '5.2.2', reply: '552 5.2.2 Mailbox full' },
  policy: { status: '5.7.1', reply: '550 5.7.1 Message rejected due to local policy' },
  hurry: { status: '4.7.0', reply: '421 4.7.0 Too many connections from your host', action: 'delayed' },
  arrived: { status: '2.0.0', reply: '250 2.0.0 OK', action: 'delivered' },
};

interface Told {
  readonly mail: number;
  readonly says: keyof typeof replies | 'complaint' | 'holiday';
  /** Whom the report names: the one that was written to, an alias, somebody else too, or nobody. */
  readonly names: 'right' | 'alias' | 'two' | 'nobody';
}

const told: fc.Arbitrary<Told> = fc.record({
  mail: fc.nat(TO.length - 1),
  says: fc.constantFrom('gone', 'full', 'full', 'policy', 'hurry', 'arrived', 'complaint', 'holiday'),
  names: fc.constantFrom('right', 'right', 'right', 'alias', 'two', 'nobody'),
});

/** The same people and mails once more, under a name of their own. */
async function world() {
  const name = `world-${(worlds += 1)}`;
  const mails: SentMail[] = [];
  for (const [at, person] of TO.entries()) {
    const more = { ...(at % 3 === 0 && { state: 'unknown' }), ...(at % 2 === 0 && { listId }) };
    mails.push(await bounces.sent(`person-${person}@${name}.example`, more));
  }
  const last = mails.at(-1)!;
  await sql`UPDATE deliveries SET address = '[erased]' WHERE id = ${last.id}`.execute(bounces.api.db);
  return { name, mails };
}

function report({ says, names }: Told, address: string): string {
  const alias = address.replace('person', 'alias');
  if (says === 'holiday') return 'Auto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nI am away';
  if (says === 'complaint') return arf(names === 'nobody' ? null : names === 'alias' ? alias : address);
  const one = replies[says];
  if (names === 'two')
    return dsn([
      { to: alias, ...replies.full },
      { to: address, ...one },
    ]);
  return dsn(names === 'nobody' ? [] : [{ to: names === 'alias' ? alias : address, ...one }]);
}

/** Receives them all. @returns their ids, in order */
async function receive(all: readonly Told[], mails: readonly SentMail[]): Promise<string[]> {
  for (const one of all) {
    const { verp, address } = mails[one.mail]!;
    const localPart = verp.split('@')[0]!;
    const route = bounces.api.get(InboundRoutes).of(localPart)!.name;
    await bounces.api.get(Intake).take({
      sender: '',
      recipients: [{ localPart, route }],
      network: '192.0.2.0/24',
      raw: Buffer.from(report(one, address)),
    });
  }
  const { db } = bounces.api;
  const rows = await db
    .selectFrom('inbound_mails')
    .select('id')
    .where('state', '=', 'waiting')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** All that came of it, in words that are the same in each world. */
async function outcome({ name, mails }: Awaited<ReturnType<typeof world>>, received: readonly string[]) {
  const ids = sql`${mails.map(({ id }) => id)}::bigint[]`;
  const queries = {
    mails: sql`SELECT state, reason, tries, (SELECT count(*) FROM people p WHERE p.id = person_id AND canonical LIKE ${`%@${name}.example`}) AS theirs
                 FROM inbound_mails WHERE id = ANY(${received}::uuid[]) ORDER BY id`,
    deliveries: sql`SELECT state, outcome, reason, reply_code, reply, lease_token FROM deliveries WHERE id = ANY(${ids}) ORDER BY id`,
    reports: sql`SELECT array_position(${ids}, delivery_id) AS mail, canonical, source, kind, reason, hard, status, reply, weight
                   FROM mail_reports WHERE delivery_id = ANY(${ids}) ORDER BY delivery_id, kind`,
    suppressions: sql`SELECT canonical, scope, list_id, reason, evidence FROM suppressions
                       WHERE canonical LIKE ${`%@${name}.example`} ORDER BY canonical, id`,
    // Of one address in their order; of several nobody promises any.
    events: sql`SELECT coalesce(d.address, s.canonical) AS about, array_position(${ids}, e.delivery_id) AS mail, e.type, e.list_id,
                       e.data - 'suppressionId' AS data
                  FROM events e LEFT JOIN deliveries d ON d.id = e.delivery_id
                       LEFT JOIN suppressions s ON s.id::text = e.data->>'suppressionId'
                 WHERE e.delivery_id = ANY(${ids}) OR s.canonical LIKE ${`%@${name}.example`} ORDER BY about, e.id`,
    slower: sql`SELECT subject, reason, per_second FROM slow_downs WHERE subject LIKE ${`%${name}%`}`,
  };
  const rows: Record<string, unknown> = {};
  for (const [what, query] of Object.entries(queries))
    rows[what] = (await query.execute(bounces.api.db)).rows;
  return JSON.parse(JSON.stringify(rows).replaceAll(name, 'world')) as typeof rows;
}

test('many mails in groups have the effect of one after the other', async () => {
  const work = bounces.api.get(InboundWork);
  const { db } = bounces.api;
  const waiting = async () =>
    (await db.selectFrom('inbound_mails').select('id').where('state', '=', 'waiting').execute()).length;
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 10, maxLength: 70 }), async (all) => {
      const alone = await world();
      const one = await receive(all, alone.mails);
      for (const id of one) await work.process(id);
      const together = await world();
      const many = await receive(all, together.mails);
      await work.run();
      expect(await waiting()).toBe(0);
      expect(await outcome(together, many)).toEqual(await outcome(alone, one));
    }),
    { numRuns: 12 },
  );
}, 120_000);
