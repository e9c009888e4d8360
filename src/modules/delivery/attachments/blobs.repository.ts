import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf } from '../../../domain/index.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { Database, type Executor } from '../../../platform/database/index.js';

export interface Blob {
  readonly sha256: Buffer;
  readonly content: Buffer;
}

/**
 * Files by their SHA-256, each once, and which messages carry them. Who adds a message to a file holds its row FOR KEY SHARE, who removes
 * a file holds it FOR UPDATE and then asks for messages, so that neither can miss the other. All take rows in the order of their hashes.
 */
@Injectable()
export class BlobsRepository {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyRing,
  ) {}

  /** Stores what is not there yet, and ties all of them to a message. */
  async add(executor: Executor, messageId: string, contents: readonly Buffer[]): Promise<Buffer[]> {
    const hashes = contents.map((content) => createHash('sha256').update(content).digest());
    const blobs = new Map(hashes.map((sha256, at) => [sha256.toString('hex'), { sha256, at }]));
    const { rows: known } = await sql<{ sha256: Buffer }>`
      SELECT sha256 FROM blobs WHERE sha256 = ANY(${hashes}::bytea[]) ORDER BY sha256 FOR KEY SHARE`.execute(
      executor,
    );
    for (const { sha256 } of known) blobs.delete(sha256.toString('hex'));
    for (const [, { sha256, at }] of [...blobs].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      const content = contents[at] as Buffer;
      // Where another one stores it at this moment, its row is waited for, or made anew.
      await executor
        .insertInto('blobs')
        .values({ sha256, octets: content.length, content: this.keys.seal('content', content) })
        .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ stored_at: sql`now()` }))
        .execute();
    }
    await this.tie(executor, messageId, hashes);
    return hashes;
  }

  /** For another message with the same files. */
  async share(executor: Executor, from: string, to: string): Promise<void> {
    const { rows } = await sql<{ sha256: Buffer }>`
      SELECT b.sha256 FROM blobs b JOIN message_blobs r USING (sha256)
       WHERE r.message_id = ${from} ORDER BY b.sha256 FOR KEY SHARE OF b`.execute(executor);
    await this.tie(
      executor,
      to,
      rows.map(({ sha256 }) => sha256),
    );
  }

  async read(hashes: readonly Buffer[]): Promise<Blob[]> {
    const { rows } = await sql<Blob>`
      SELECT sha256, content FROM blobs WHERE sha256 = ANY(${hashes}::bytea[])`.execute(this.db);
    return rows.map(({ sha256, content }) => {
      const plain = this.keys.unseal('content', content);
      if (!plain)
        throw new Error(`Blob ${sha256.toString('hex')} does not open with any key of this install`);
      return { sha256, content: plain };
    });
  }

  /** A message keeps its content no more: files that no other message carries go with it. */
  async release(executor: Executor, messageId: string): Promise<void> {
    const { rows } = await sql<{ sha256: Buffer }>`
      DELETE FROM message_blobs WHERE message_id = ${messageId} RETURNING sha256`.execute(executor);
    if (rows.length === 0) return;
    const hashes = rows.map(({ sha256 }) => sha256);
    await sql`SELECT FROM blobs WHERE sha256 = ANY(${hashes}::bytea[]) ORDER BY sha256 FOR UPDATE`.execute(
      executor,
    );
    await this.remove(executor, hashes);
  }

  /** Files whose messages have all let go of their content. @returns how many went */
  async purge(executor: Executor, limit: number): Promise<number> {
    const { rows } = await sql<{ sha256: Buffer }>`
      SELECT b.sha256 FROM (${unused}) gone JOIN blobs b USING (sha256)
       ORDER BY b.sha256 LIMIT ${limit} FOR UPDATE OF b SKIP LOCKED`.execute(executor);
    const hashes = rows.map(({ sha256 }) => sha256);
    if (hashes.length === 0) return 0;
    await sql`
      DELETE FROM message_blobs r WHERE r.sha256 = ANY(${hashes}::bytea[]) AND NOT EXISTS (${keeper})`.execute(
      executor,
    );
    await this.remove(executor, hashes);
    return hashes.length;
  }

  async countUnused(executor: Executor): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${unused}) gone`.execute(
      executor,
    );
    return rows[0]?.count ?? 0;
  }

  private async tie(executor: Executor, messageId: string, hashes: readonly Buffer[]): Promise<void> {
    if (hashes.length === 0) return;
    await sql`
      INSERT INTO message_blobs (bucket, message_id, sha256)
      SELECT DISTINCT ${bucketOf(messageId)}::date, ${messageId}::uuid, v FROM unnest(${hashes}::bytea[]) v`.execute(
      executor,
    );
  }

  /** A statement of its own, so that it sees who came before the lock. */
  private async remove(executor: Executor, hashes: readonly Buffer[]): Promise<void> {
    await sql`
      DELETE FROM blobs b WHERE b.sha256 = ANY(${hashes}::bytea[])
         AND NOT EXISTS (SELECT FROM message_blobs r WHERE r.sha256 = b.sha256)`.execute(executor);
  }
}

/** The message of a reference `r`, while it keeps its content. */
const keeper = sql`
  SELECT FROM messages m WHERE m.bucket = r.bucket AND m.id = r.message_id AND m.content IS NOT NULL`;

const unused = sql`
  SELECT b.sha256 FROM blobs b
   WHERE NOT EXISTS (SELECT FROM message_blobs r WHERE r.sha256 = b.sha256 AND EXISTS (${keeper}))`;
