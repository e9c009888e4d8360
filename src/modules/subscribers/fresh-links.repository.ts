import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor } from '../../platform/database/index.js';

export interface NewFreshLink {
  readonly id: string;
  readonly personId: string;
  readonly purpose: 'manage' | 'address';
  /** As it was typed. */
  readonly newAddress?: string | undefined;
}

export interface FreshLinkRow {
  readonly id: string;
  readonly personId: string;
  readonly newAddress: string | null;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** By the database's clock. */
  readonly expired: boolean;
}

@Injectable()
export class FreshLinksRepository {
  constructor(private readonly keys: KeyRing) {}

  async insert(executor: Executor, link: NewFreshLink, minutes: number): Promise<void> {
    const { id, personId, purpose, newAddress } = link;
    await executor
      .insertInto('fresh_links')
      .values({
        id,
        person_id: personId,
        purpose,
        new_address: newAddress === undefined ? null : this.keys.seal('content', Buffer.from(newAddress)),
        expires_at: sql`now() + make_interval(mins => ${minutes})`,
        used_at: null,
      })
      .execute();
  }

  /** How many links of a purpose a person asked for in the last so many hours. */
  async recent(
    executor: Executor,
    personId: string,
    purpose: NewFreshLink['purpose'],
    hours: number,
  ): Promise<number> {
    const { count } = await executor
      .selectFrom('fresh_links')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('person_id', '=', personId)
      .where('purpose', '=', purpose)
      .where('created_at', '>', sql<Date>`now() - make_interval(hours => ${hours})`)
      .executeTakeFirstOrThrow();
    return count;
  }

  async find(
    executor: Executor,
    id: string,
    purpose: NewFreshLink['purpose'],
  ): Promise<FreshLinkRow | undefined> {
    const row = await executor
      .selectFrom('fresh_links')
      .selectAll()
      .select(sql<boolean>`expires_at <= now()`.as('expired'))
      .where('id', '=', id)
      .where('purpose', '=', purpose)
      .executeTakeFirst();
    return (
      row && {
        id: row.id,
        personId: row.person_id,
        newAddress: row.new_address && (this.keys.unseal('content', row.new_address)?.toString() ?? null),
        expiresAt: row.expires_at,
        usedAt: row.used_at,
        expired: row.expired,
      }
    );
  }

  async markUsed(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('fresh_links')
      .set({ used_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  }

  /** Lets all other links of a person for these purposes expire now. */
  async endOthers(
    executor: Executor,
    personId: string,
    id: string,
    purposes: readonly NewFreshLink['purpose'][],
  ): Promise<void> {
    await executor
      .updateTable('fresh_links')
      .set({ expires_at: sql`now()` })
      .where('person_id', '=', personId)
      .where('id', '<>', id)
      .where('purpose', 'in', purposes)
      .where('expires_at', '>', sql<Date>`now()`)
      .execute();
  }

  async ofPerson(executor: Executor, personId: string) {
    return executor
      .selectFrom('fresh_links')
      .select(['purpose', 'created_at', 'used_at'])
      .where('person_id', '=', personId)
      .orderBy('created_at')
      .execute();
  }

  async removeOfPerson(executor: Executor, personId: string): Promise<void> {
    await executor.deleteFrom('fresh_links').where('person_id', '=', personId).execute();
  }

  async countOld(executor: Executor, days: number): Promise<number> {
    const { count } = await executor
      .selectFrom('fresh_links')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('created_at', '<', olderThan(days))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** A thousand at a time. @returns how many went */
  async removeOld(executor: Executor, days: number): Promise<number> {
    const gone = await executor
      .deleteFrom('fresh_links')
      .where('id', 'in', (eb) =>
        eb.selectFrom('fresh_links').select('id').where('created_at', '<', olderThan(days)).limit(1_000),
      )
      .executeTakeFirst();
    return Number(gone.numDeletedRows);
  }
}

function olderThan(days: number) {
  return sql<Date>`now() - make_interval(days => ${days})`;
}
