import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Executor } from '../../platform/database/index.js';
import type { Handled } from './inbound-route.js';
import type { ClaimedMail, InboundState, InboundView, PersonsMail } from './inbound.types.js';

/** One minute, two, four … an hour: eight tries are two hours. */
export const MAX_TRIES = 8;
const FIRST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 3_600;

const DUE_LIMIT = 500;
const LIST_LIMIT = 100;

export interface NewInboundMail {
  readonly sha256: Buffer;
  readonly sender: string;
  readonly network: string;
  /** In octets, as it came. */
  readonly size: number;
  /** gzip. */
  readonly raw: Buffer;
  readonly recipients: readonly { readonly id: string; readonly localPart: string; readonly route: string }[];
}

const CLAIMED = sql`m.id, m.sender, m.recipient, m.route, m.size, m.raw, m.tries, m.received_at AS "receivedAt"`;

/** What became of a mail, by its id. */
export type SettledMail = Handled & Pick<ClaimedMail, 'id'>;

@Injectable()
export class InboundRepository {
  constructor(private readonly db: Database) {}

  /**
   * Writes a group in one statement, one row for each recipient; committed when it returns. What is there already stays as it is. The
   * contents are one parameter, because an array of them would be text of twice the size.
   * @returns the ids of those that are new
   */
  async store(mails: readonly NewInboundMail[]): Promise<string[]> {
    const column = <T>(pick: (mail: NewInboundMail) => T) => mails.map(pick);
    const recipients = mails.flatMap((mail, at) => mail.recipients.map((one) => ({ ...one, mail: at + 1 })));
    let next = 1;
    const places = column(({ raw }) => (next += raw.length) - raw.length);
    // In one order, so that two who store the same mails wait for each other and do not die of it.
    const { rows } = await sql<{ id: string }>`
      INSERT INTO inbound_mails (id, sha256, sender, network, size, raw, recipient, route)
      SELECT r.id, m.sha256, m.sender, m.network, m.size,
             substring(${Buffer.concat(column(({ raw }) => raw))}::bytea FROM m.place FOR m.length), r.recipient, r.route
        FROM unnest(${recipients.map(({ id }) => id)}::uuid[], ${recipients.map(({ localPart }) => localPart)}::text[],
                    ${recipients.map(({ route }) => route)}::text[], ${recipients.map(({ mail }) => mail)}::int[])
             AS r (id, recipient, route, mail)
        JOIN unnest(${column(({ sha256 }) => sha256)}::bytea[], ${column(({ sender }) => sender)}::text[],
                    ${column(({ network }) => network)}::text[], ${column(({ size }) => size)}::int[],
                    ${places}::int[], ${column(({ raw }) => raw.length)}::int[])
             WITH ORDINALITY AS m (sha256, sender, network, size, place, length, mail) USING (mail)
       ORDER BY m.sha256, r.recipient
      ON CONFLICT (sha256, recipient) DO NOTHING
      RETURNING id`.execute(this.db);
    return rows.map(({ id }) => id);
  }

  /**
   * Takes mails that nobody has tried yet, the longest waiting first: as many as fit, and one at least. One that was tried before is
   * taken by itself (`claim`): should it end its worker, the others lose no try with it.
   */
  async claimFresh(limit: number, octets: number): Promise<ClaimedMail[]> {
    const { rows } = await sql<ClaimedMail>`
      WITH first AS MATERIALIZED (
        SELECT id, size FROM inbound_mails WHERE state = 'waiting' AND due_at <= now() AND tries = 0
         ORDER BY due_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED),
      fitting AS (
        SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM first) f WHERE before < ${octets})
      UPDATE inbound_mails m SET tries = 1, due_at = now() + make_interval(secs => ${FIRST_PAUSE_SECONDS})
        FROM fitting f WHERE m.id = f.id
      RETURNING ${CLAIMED}`.execute(this.db);
    return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Takes a mail that is due for one more try. Counted before it begins: a mail that ends its worker ends after some tries too. */
  async claim(id: string): Promise<ClaimedMail | undefined> {
    const { rows } = await sql<ClaimedMail>`
      UPDATE inbound_mails m SET tries = tries + 1,
        due_at = now() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, ${FIRST_PAUSE_SECONDS} * 2 ^ tries))
      WHERE id = ${id} AND state = 'waiting' AND due_at <= now() AND tries < ${MAX_TRIES}
      RETURNING ${CLAIMED}`.execute(this.db);
    return rows[0];
  }

  /** Locks the rows until the transaction ends. @returns the ids of those whose last try this still is */
  async hold(executor: Executor, mails: readonly ClaimedMail[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ id: string }>`
      SELECT m.id FROM inbound_mails m
        JOIN unnest(${mails.map(({ id }) => id)}::uuid[], ${mails.map(({ tries }) => tries)}::int[]) AS v (id, tries) USING (id, tries)
       WHERE m.state = 'waiting' ORDER BY m.id FOR UPDATE OF m`.execute(executor);
    return new Set(rows.map(({ id }) => id));
  }

  async settle(executor: Executor, handled: readonly SettledMail[]): Promise<void> {
    const [forgotten = [], settled = []] = [true, false].map((gone) =>
      handled.filter(({ forget = false }) => forget === gone),
    );
    if (forgotten.length > 0)
      await sql`DELETE FROM inbound_mails WHERE id = ANY(${forgotten.map(({ id }) => id)}::uuid[])`.execute(
        executor,
      );
    if (settled.length === 0) return;
    const column = <T>(pick: (one: SettledMail) => T) => settled.map(pick);
    await sql`
      UPDATE inbound_mails m SET state = v.state, reason = v.reason, person_id = v.person_id, settled_at = now()
        FROM unnest(${column(({ id }) => id)}::uuid[], ${column(({ state }) => state ?? 'done')}::text[],
                    ${column(({ reason }) => reason ?? null)}::text[], ${column(({ personId }) => personId ?? null)}::uuid[])
             AS v (id, state, reason, person_id)
       WHERE m.id = v.id`.execute(executor);
  }

  /** Notes why a try failed; the last one leaves the mail as failed. */
  async failed({ id, tries }: ClaimedMail, reason: string): Promise<void> {
    const last = tries >= MAX_TRIES;
    await this.db
      .updateTable('inbound_mails')
      .set({ reason, ...(last && { state: 'failed', settled_at: sql<Date>`now()` }) })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('tries', '=', tries)
      .execute();
  }

  /**
   * Whether a route has done something about a person in the last so many hours. Two mails of one person are asked about one after
   * the other: the second waits for the first one's transaction.
   */
  async wasDone(executor: Executor, route: string, personId: string, hours: number): Promise<boolean> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`inbound ${route} ${personId}`}, 0))`.execute(
      executor,
    );
    const row = await executor
      .selectFrom('inbound_mails')
      .select('id')
      .where('person_id', '=', personId)
      .where('route', '=', route)
      .where('state', '=', 'done')
      .where('settled_at', '>', sql<Date>`now() - make_interval(hours => ${hours})`)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * The ids that are due, the longest waiting first; those whose last try ended with its worker are given up.
   * @param leastTries of them only those that were tried so often
   */
  async due(leastTries = 0): Promise<string[]> {
    await sql`
      UPDATE inbound_mails SET state = 'failed', settled_at = now(),
        reason = coalesce(reason, 'each worker that took it has ended')
      WHERE state = 'waiting' AND due_at <= now() AND tries >= ${MAX_TRIES}`.execute(this.db);
    const rows = await this.db
      .selectFrom('inbound_mails')
      .select('id')
      .where('state', '=', 'waiting')
      .where('due_at', '<=', sql<Date>`now()`)
      .where('tries', '>=', leastTries)
      .orderBy('due_at')
      .limit(DUE_LIMIT)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Makes a mail, or all that failed, due again from the first try. @returns how many */
  async replay(which: { readonly id: string } | 'failed'): Promise<number> {
    const result = await this.db
      .updateTable('inbound_mails')
      .set({ state: 'waiting', tries: 0, due_at: sql<Date>`now()`, reason: null, settled_at: null })
      .$if(which === 'failed', (query) => query.where('state', '=', 'failed'))
      .$if(which !== 'failed', (query) => query.where('id', '=', which === 'failed' ? '' : which.id))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** The newest, of this state where one is given. */
  async list(state?: InboundState): Promise<InboundView[]> {
    return this.db
      .selectFrom('inbound_mails')
      .select(['id', 'received_at as receivedAt', 'route', 'state', 'tries', 'size', 'reason'])
      .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
      .orderBy('received_at', 'desc')
      .limit(LIST_LIMIT)
      .execute();
  }

  async count(state: 'waiting' | 'failed'): Promise<number> {
    const { count } = await this.db
      .selectFrom('inbound_mails')
      .select((query) => query.fn.countAll<number>().as('count'))
      .where('state', '=', state)
      .executeTakeFirstOrThrow();
    return count;
  }

  async countBefore(executor: Executor, days: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM inbound_mails
      WHERE received_at < now() - make_interval(days => ${days}) AND state <> 'waiting'`.execute(executor);
    return rows[0]?.count ?? 0;
  }

  async purgeBefore(executor: Executor, days: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      DELETE FROM inbound_mails WHERE id IN (
        SELECT id FROM inbound_mails
        WHERE received_at < now() - make_interval(days => ${days}) AND state <> 'waiting'
        ORDER BY received_at LIMIT ${limit})`.execute(executor);
    return Number(numAffectedRows ?? 0);
  }

  /** About this person, or sent from one of these addresses. */
  async ofPerson(executor: Executor, personId: string, addresses: readonly string[]): Promise<PersonsMail[]> {
    const { rows } = await sql<PersonsMail>`
      SELECT received_at AS "receivedAt", sender, recipient, state, size, raw FROM inbound_mails
      WHERE person_id = ${personId} OR (sender <> '' AND lower(sender) = ANY(${addresses}::text[]))
      ORDER BY received_at`.execute(executor);
    return rows;
  }

  async eraseOfPerson(executor: Executor, personId: string, addresses: readonly string[]): Promise<void> {
    await sql`
      DELETE FROM inbound_mails
      WHERE person_id = ${personId} OR (sender <> '' AND lower(sender) = ANY(${addresses}::text[]))`.execute(
      executor,
    );
  }
}
