import { Injectable } from '@nestjs/common';
import { sql, type Insertable, type Selectable } from 'kysely';
import { Database, type Tables } from '../../../platform/database/index.js';

export type DkimKeyRow = Selectable<Tables['dkim_keys']>;

@Injectable()
export class DkimKeysRepository {
  constructor(private readonly db: Database) {}

  async insert(rows: readonly Insertable<Tables['dkim_keys']>[]): Promise<DkimKeyRow[]> {
    return this.db.insertInto('dkim_keys').values(rows).returningAll().execute();
  }

  /** Newest first; of every domain when none is named. */
  async list(domain?: string): Promise<DkimKeyRow[]> {
    return this.db
      .selectFrom('dkim_keys')
      .selectAll()
      .$if(domain !== undefined, (query) => query.where('domain', '=', domain ?? ''))
      .orderBy('domain')
      .orderBy('id', 'desc')
      .execute();
  }

  /** Those that may sign, newest first. */
  async active(domain: string): Promise<DkimKeyRow[]> {
    return this.db
      .selectFrom('dkim_keys')
      .selectAll()
      .where('domain', '=', domain)
      .where('retired_at', 'is', null)
      .orderBy('id', 'desc')
      .execute();
  }

  /** Also wipes the private key, which nothing may sign with again. @returns undefined when there is no such active key */
  async retire(selector: string): Promise<DkimKeyRow | undefined> {
    return this.db
      .updateTable('dkim_keys')
      .set({ retired_at: sql<Date>`now()`, private_key: Buffer.alloc(0) })
      .where('selector', '=', selector)
      .where('retired_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
  }
}
