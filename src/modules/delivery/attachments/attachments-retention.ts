import type { Executor } from '../../../platform/database/index.js';
import { countRows, daysAgo, inChunks, type RetentionRule } from '../../../platform/personal-data/index.js';
import type { BlobsRepository } from './blobs.repository.js';

/** Few at a time: each may have ten megabytes. */
const FILES_AT_ONCE = 20;

/** Files go with the content of the last mail that carries them. */
export function attachmentsRule(days: number, blobs: BlobsRepository): RetentionRule {
  return {
    kind: 'attachments',
    days,
    describe: 'Files go with the content of the last mail that carried them.',
    count: (executor) => blobs.countUnused(executor),
    purge: async (db) => {
      for (let total = 0; ;) {
        const gone = await db.work(({ trx }) => blobs.purge(trx, FILES_AT_ONCE));
        total += gone;
        if (gone < FILES_AT_ONCE) return total;
      }
    },
  };
}

/** What each server said to each try; the last answer stays with the delivery. */
export function triesRule(days: number): RetentionRule {
  const old = (executor: Executor) =>
    executor.selectFrom('delivery_tries').select('id').where('at', '<', daysAgo(days));
  return {
    kind: 'tries of single mails',
    days,
    describe: 'What servers answered to each try goes; the last answer stays.',
    count: (executor) => countRows(executor, old(executor)),
    purge: (db) =>
      inChunks(async (limit) => {
        const { numDeletedRows } = await db
          .deleteFrom('delivery_tries')
          .where('id', 'in', old(db).orderBy('at').limit(limit))
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}
