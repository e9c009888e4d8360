import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database, type Executor, type Tables } from '../../platform/database/index.js';
import { signUpContent, type SignUpContent } from './sign-up-content.js';

export interface SignUp {
  readonly id: string;
  readonly state: 'waiting' | 'done' | 'refused';
  /** Of a refusal: why no mail can reach the domain. Of one that is done: `already`, where it was told that it is on the lists. */
  readonly reason: string | null;
  readonly createdAt: Date;
  /** Null where the work is done: nothing of it is kept. */
  readonly content: SignUpContent | null;
}

/** A retention chunk: some milliseconds of locks. */
const CHUNK = 1_000;

@Injectable()
export class SignUpsRepository {
  constructor(private readonly keys: KeyRing) {}

  /** @param canonical the address that it is about, kept as a keyed hash only */
  async insert(executor: Executor, id: string, canonical: string, content: SignUpContent): Promise<void> {
    await executor
      .insertInto('sign_ups')
      .values({
        id,
        content: this.keys.sealJson('content', content),
        address_hash: this.addressHash(canonical),
      })
      .execute();
  }

  /** Names an address in counters and in rows that must not hold it. */
  addressHash(canonical: string): Buffer {
    return this.keys.hash('form', canonical);
  }

  async byId(executor: Executor, id: string): Promise<SignUp | undefined> {
    const row = await executor.selectFrom('sign_ups').selectAll().where('id', '=', id).executeTakeFirst();
    return row && this.toSignUp(row);
  }

  async ofAddress(executor: Executor, canonical: string): Promise<SignUp[]> {
    const rows = await executor
      .selectFrom('sign_ups')
      .selectAll()
      .where('address_hash', '=', this.addressHash(canonical))
      .orderBy('id')
      .execute();
    return rows.map((row) => this.toSignUp(row));
  }

  /** Takes one that waits, until the transaction ends. @returns false where it is done, or somebody else has it */
  async take(executor: Executor, id: string): Promise<boolean> {
    const row = await executor
      .selectFrom('sign_ups')
      .select('id')
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    return row !== undefined;
  }

  /** A refused form keeps its content for its day, so that its page can name the domain. */
  async settle(
    executor: Executor,
    id: string,
    { state, reason }: { state: 'done' | 'refused'; reason: string | null },
  ): Promise<void> {
    await executor
      .updateTable('sign_ups')
      .set({ state, reason, settled_at: sql`now()`, ...(state === 'done' && { content: null }) })
      .where('id', '=', id)
      .execute();
  }

  /** Whether a sign-up of these hours ended with this reason. */
  async ended(executor: Executor, canonical: string, reason: string, hours: number): Promise<boolean> {
    const row = await executor
      .selectFrom('sign_ups')
      .select('id')
      .where('address_hash', '=', this.addressHash(canonical))
      .where('reason', '=', reason)
      .where('settled_at', '>', sql<Date>`now() - make_interval(hours => ${hours})`)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Those that wait for longer than their own wake-up takes. */
  async due(executor: Executor, afterSeconds: number, limit: number): Promise<string[]> {
    const rows = await executor
      .selectFrom('sign_ups')
      .select('id')
      .where('state', '=', 'waiting')
      .where('created_at', '<', sql<Date>`now() - make_interval(secs => ${afterSeconds})`)
      .orderBy('created_at')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  async deleteOfAddress(executor: Executor, canonical: string): Promise<void> {
    await executor.deleteFrom('sign_ups').where('address_hash', '=', this.addressHash(canonical)).execute();
  }

  async countSettled(executor: Executor, days: number): Promise<number> {
    const row = await executor
      .selectFrom('sign_ups')
      .select(sql<number>`count(*)::int`.as('count'))
      .where('settled_at', '<', sql<Date>`now() - make_interval(days => ${days})`)
      .executeTakeFirstOrThrow();
    return row.count;
  }

  async deleteSettled(db: Database, days: number): Promise<number> {
    for (let total = 0; ;) {
      const { numDeletedRows } = await db
        .deleteFrom('sign_ups')
        .where('id', 'in', (some) =>
          some
            .selectFrom('sign_ups')
            .select('id')
            .where('settled_at', '<', sql<Date>`now() - make_interval(days => ${days})`)
            .limit(CHUNK),
        )
        .executeTakeFirstOrThrow();
      total += Number(numDeletedRows);
      if (numDeletedRows < CHUNK) return total;
    }
  }

  private toSignUp(row: Selectable<Tables['sign_ups']>): SignUp {
    const { id, state, reason, created_at: createdAt, content } = row;
    return {
      id,
      state,
      reason,
      createdAt,
      content: content && signUpContent.parse(this.keys.unsealJson('content', content)),
    };
  }
}
