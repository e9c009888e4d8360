import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef } from '../../platform/personal-data/index.js';
import { PeopleRepository } from './people.repository.js';
import type { Person } from './subscribers.types.js';

/** The person and the subscriptions. After an erasure the rows stay for their ids, which statistics count, and name nobody. */
@Injectable()
export class SubscribersPersonalData extends PersonalData {
  readonly tables = ['people', 'subscriptions'];

  constructor(private readonly people: PeopleRepository) {
    super();
  }

  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const found = await this.people.byId(executor, person.id);
    const subscriptions = await executor
      .selectFrom('subscriptions as s')
      .innerJoin('lists as l', 'l.id', 's.list_id')
      .where('s.person_id', '=', person.id)
      .orderBy('s.id')
      .select([
        'l.slug as list',
        'l.name as listName',
        's.status',
        's.source',
        's.asked_at as askedAt',
        's.confirmed_at as confirmedAt',
        's.left_at as leftAt',
        's.refused',
      ])
      .execute();
    return { person: found ? shown(found) : null, subscriptions };
  }

  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    await this.people.anonymise(trx, person.id);
    await trx
      .updateTable('subscriptions')
      .set({ source: null, refused: null })
      .where('person_id', '=', person.id)
      .execute();
  }
}

/** Without the canonical form, which is ours and not the person's. */
function shown({ id, address, name, locale, timezone, attributes, createdAt, updatedAt }: Person) {
  return { id, address, name, locale, timezone, attributes, createdAt, updatedAt };
}
