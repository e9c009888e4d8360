import { Injectable } from '@nestjs/common';
import { sql, type Selectable } from 'kysely';
import type { Address } from '../../domain/index.js';
import type { Executor, Tables } from '../../platform/database/index.js';
import type { Attributes, Person, PersonChange, PersonInput, PersonSearch } from './subscribers.types.js';

@Injectable()
export class PeopleRepository {
  /** @param wins whether the new values or the stored ones stay where both are there */
  async upsert(executor: Executor, id: string, input: PersonInput, wins: 'new' | 'stored'): Promise<Person> {
    const { address, name = null, locale = null, attributes = {} } = input;
    const row = await executor
      .insertInto('people')
      .values({
        id,
        canonical: address.canonical,
        address: address.typed,
        name,
        locale,
        timezone: null,
        attributes: sql`jsonb_strip_nulls(${JSON.stringify(attributes)}::jsonb)`,
        erased_at: null,
      })
      .onConflict((conflict) =>
        conflict.column('canonical').doUpdateSet({
          name: either('name', wins),
          locale: either('locale', wins),
          attributes:
            wins === 'new'
              ? merged('people.attributes', JSON.stringify(attributes))
              : sql`excluded.attributes || people.attributes`,
          updated_at: sql<Date>`now()`,
        }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    return toPerson(row);
  }

  async change(
    executor: Executor,
    id: string,
    { attributes, ...change }: PersonChange,
  ): Promise<Person | undefined> {
    const row = await executor
      .updateTable('people')
      .set({ ...defined(change), updated_at: sql`now()` })
      .$if(attributes !== undefined, (update) =>
        update.set({ attributes: merged('attributes', JSON.stringify(attributes)) }),
      )
      .where('id', '=', id)
      .where('erased_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row && toPerson(row);
  }

  /**
   * Gives a person another address.
   * @returns false where the address is somebody's, or the person is erased
   * @throws a unique violation where it becomes somebody's at this very moment
   */
  async changeAddress(executor: Executor, id: string, { canonical, typed }: Address): Promise<boolean> {
    const row = await executor
      .updateTable('people')
      .set({ canonical, address: typed, updated_at: sql`now()` })
      .where('id', '=', id)
      .where('erased_at', 'is', null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('people as other')
              .select('other.id')
              .where('other.canonical', '=', canonical)
              .where('other.id', '<>', id),
          ),
        ),
      )
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Locks the row until the transaction ends. */
  async lock(executor: Executor, id: string): Promise<Person | undefined> {
    const row = await executor
      .selectFrom('people')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row && toPerson(row);
  }

  async anonymise(executor: Executor, id: string): Promise<void> {
    await executor
      .updateTable('people')
      .set({
        canonical: null,
        address: null,
        name: null,
        locale: null,
        timezone: null,
        attributes: '{}',
        erased_at: sql`now()`,
        updated_at: sql`now()`,
      })
      .where('id', '=', id)
      .execute();
  }

  async byId(executor: Executor, id: string): Promise<Person | undefined> {
    const row = await executor.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toPerson(row);
  }

  async byAddress(executor: Executor, canonical: string): Promise<Person | undefined> {
    const row = await executor
      .selectFrom('people')
      .selectAll()
      .where('canonical', '=', canonical)
      .executeTakeFirst();
    return row && toPerson(row);
  }

  /** The newest first, without erased ones. */
  async search(
    executor: Executor,
    { address, listId, status, limit, after }: PersonSearch,
  ): Promise<Person[]> {
    const rows = await executor
      .selectFrom('people')
      .selectAll()
      .where('erased_at', 'is', null)
      .$if(address !== undefined, (query) => query.where('canonical', '=', address!))
      .$if(listId !== undefined || status !== undefined, (query) =>
        query.where((eb) =>
          eb.exists(
            eb
              .selectFrom('subscriptions')
              .select('subscriptions.id')
              .whereRef('subscriptions.person_id', '=', 'people.id')
              .$if(listId !== undefined, (some) => some.where('subscriptions.list_id', '=', listId!))
              .$if(status !== undefined, (some) => some.where('subscriptions.status', '=', status!)),
          ),
        ),
      )
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toPerson);
  }
}

/** Never empties what is known: a null on either side leaves the other. Of a person who has confirmed, a stranger fills no gap either. */
function either(column: 'name' | 'locale', wins: 'new' | 'stored') {
  const [fresh, stored] = [sql.ref(`excluded.${column}`), sql.ref(`people.${column}`)];
  return wins === 'new'
    ? sql<string | null>`coalesce(${fresh}, ${stored})`
    : sql<string | null>`
        CASE WHEN EXISTS (SELECT FROM subscriptions s WHERE s.person_id = people.id AND s.status = 'confirmed')
             THEN ${stored} ELSE coalesce(${stored}, ${fresh}) END`;
}

/** A null removes its attribute. */
function merged(column: string, attributes: string) {
  return sql<string>`jsonb_strip_nulls(${sql.ref(column)} || ${attributes}::jsonb)`;
}

function defined<T extends object>(values: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function toPerson(row: Selectable<Tables['people']>): Person {
  return {
    id: row.id,
    canonical: row.canonical,
    address: row.address,
    name: row.name,
    locale: row.locale,
    timezone: row.timezone,
    attributes: row.attributes as Attributes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    erasedAt: row.erased_at,
  };
}
