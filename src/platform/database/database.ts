import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type pg from 'pg';
import { copyInto, type Copy } from './copy.js';
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

/** Work that writes rows by the thousand, too. */
export interface CopyWork extends Work {
  readonly copy: Copy;
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
    return this.tried((actions) =>
      this.transaction().execute((trx) => body({ trx, afterCommit: (action) => actions.push(action) })),
    );
  }

  /** The same for what copies rows in. COPY needs the connection itself, so this transaction has one of its own. */
  async copyWork<T>(body: (work: CopyWork) => Promise<T>): Promise<T> {
    return this.tried(async (actions) => {
      const client = await this.pool.connect();
      const copy = copyInto(client);
      let isSound = false;
      try {
        const result = await onlyOn(client)
          .transaction()
          .execute((trx) => body({ trx, copy, afterCommit: (action) => actions.push(action) }));
        isSound = true;
        return result;
      } finally {
        // After an error it may be lost, or in the middle of a copy.
        client.release(!isSound);
      }
    });
  }

  private async tried<T>(run: (actions: AfterCommit[]) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const actions: AfterCommit[] = [];
      try {
        const result = await run(actions);
        for (const action of actions) await action();
        return result;
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (tries >= 3 || (code !== deadlock && code !== serializationFailure)) throw error;
      }
    }
  }
}

type AfterCommit = () => Promise<void> | void;

/** A Kysely whose queries all go to one connection, which stays its caller's. */
function onlyOn(client: pg.PoolClient): Kysely<Tables> {
  const lent = { query: client.query.bind(client), release: () => undefined };
  return new Kysely({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => lent,
        end: async () => undefined,
        options: {},
      },
    }),
  });
}
