import { Injectable } from '@nestjs/common';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { bucketOf, firstIdAt, type DeliveryState, type Stream } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import type { EmailSearch } from './emails.schemas.js';

export interface MessageRow {
  readonly id: string;
  readonly stream: Stream;
  readonly subject: string | null;
  readonly tags: string[];
  readonly created_at: Date;
  readonly scheduled_at: Date | null;
  readonly deliveries: { address: string; role: 'to' | 'cc' | 'bcc'; state: DeliveryState }[];
}

/** Reads the message log, newest first. An id holds its moment (UUIDv7), so times and pages are ranges of the primary key. */
@Injectable()
export class EmailsRepository {
  constructor(private readonly db: Database) {}

  /** One row more than asked for tells that there are more. */
  async search({ state, tag, address, from, to, after, limit }: EmailSearch): Promise<MessageRow[]> {
    let query = this.db.selectFrom('messages as m');
    if (after !== undefined) query = query.where('m.bucket', '<=', bucketOf(after)).where('m.id', '<', after);
    if (from)
      query = query.where('m.bucket', '>=', bucketOf(firstIdAt(from))).where('m.id', '>=', firstIdAt(from));
    if (to) query = query.where('m.bucket', '<=', bucketOf(firstIdAt(to))).where('m.id', '<', firstIdAt(to));
    if (tag !== undefined) query = query.where((where) => where(where.val(tag), '=', where.fn.any('m.tags')));
    if (state !== undefined) {
      query = query.where((row) =>
        row.exists(
          row
            .selectFrom('deliveries as d')
            .select('d.id')
            .whereRef('d.message_id', '=', 'm.id')
            .whereRef('d.bucket', '=', 'm.bucket')
            .where('d.state', '=', state),
        ),
      );
    }
    if (address) {
      // Through the person's events, which have an index; deliveries have none by person.
      query = query.where('m.id', 'in', (row) =>
        row
          .selectFrom('events as e')
          .innerJoin('people as p', 'p.id', 'e.person_id')
          .where('p.canonical', '=', address.canonical)
          .where('e.type', '=', 'email.accepted')
          .select((row) => row.ref('e.message_id').$notNull().as('message_id')),
      );
    }
    return query
      .select((row) => [
        'm.id',
        'm.stream',
        'm.subject',
        'm.tags',
        'm.created_at',
        'm.scheduled_at',
        jsonArrayFrom(
          row
            .selectFrom('deliveries as d')
            .select(['d.address', 'd.role', 'd.state'])
            .whereRef('d.message_id', '=', 'm.id')
            .whereRef('d.bucket', '=', 'm.bucket')
            .orderBy('d.id'),
        ).as('deliveries'),
      ])
      .orderBy('m.bucket', 'desc')
      .orderBy('m.id', 'desc')
      .limit(limit + 1)
      .execute();
  }
}
