import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type pg from 'pg';
import type { Tables } from './tables/index.js';

/** The database, or a transaction in it. Repositories take this, so that a caller decides what commits together. */
export type Executor = Kysely<Tables>;

/**
 * One transaction and what must follow its commit. Wake-ups go to the queue only after the rows that they speak of are
 * committed; when a wake-up fails the sweeper finds the rows (promise 1), so nothing here may depend on it.
 */
export interface Work {
  readonly trx: Transaction<Tables>;
  afterCommit(action: () => Promise<void> | void): void;
}

const serializationFailure = '40001';
const deadlock = '40P01';

export class Database extends Kysely<Tables> {
  constructor(readonly pool: pg.Pool) {
    super({ dialect: new PostgresDialect({ pool }) });
  }

  /**
   * Runs `body` in one transaction, then its after-commit actions. A deadlock is tried again twice, since the victim
   * has changed nothing; so `body` must do nothing but database work.
   */
  async work<T>(body: (work: Work) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const actions: (() => Promise<void> | void)[] = [];
      try {
        const result = await this.transaction().execute((trx) =>
          body({ trx, afterCommit: (action) => actions.push(action) }),
        );
        for (const action of actions) await action();
        return result;
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (tries >= 3 || (code !== deadlock && code !== serializationFailure)) throw error;
      }
    }
  }
}
