import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../platform/database/index.js';

export interface DomainCap {
  readonly domain: string;
  readonly perSecond: number;
}

/** How many mails a second may go to a recipient domain, whatever it says itself. */
@Injectable()
export class DomainCapsRepository {
  constructor(private readonly db: Database) {}

  async set({ domain, perSecond }: DomainCap): Promise<void> {
    await this.db
      .insertInto('domain_caps')
      .values({ domain, per_second: perSecond })
      .onConflict((conflict) =>
        conflict.column('domain').doUpdateSet({ per_second: perSecond, updated_at: sql`now()` }),
      )
      .execute();
  }

  /** @returns false when there was none */
  async remove(domain: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('domain_caps')
      .where('domain', '=', domain)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async find(domain: string): Promise<DomainCap | undefined> {
    return this.select().where('domain', '=', domain).executeTakeFirst();
  }

  async all(): Promise<DomainCap[]> {
    return this.select().execute();
  }

  /** In the order of their names. */
  async page(limit: number, after: string | undefined): Promise<DomainCap[]> {
    return this.select()
      .$if(after !== undefined, (query) => query.where('domain', '>', after!))
      .limit(limit)
      .execute();
  }

  private select() {
    return this.db.selectFrom('domain_caps').select(['domain', 'per_second as perSecond']).orderBy('domain');
  }
}
