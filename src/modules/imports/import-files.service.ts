import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { ImportsRepository } from './imports.repository.js';

/** The files of imports, sealed in pieces in the database. Memory holds one piece, however large a file is. */
@Injectable()
export class ImportFiles {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyRing,
    private readonly repository: ImportsRepository,
  ) {}

  async add(importId: string, number: number, piece: Buffer): Promise<void> {
    await this.repository.addChunk(this.db, importId, number, this.keys.seal('content', piece));
  }

  async *read(importId: string): AsyncGenerator<Buffer> {
    for (let number = 0; ; number += 1) {
      const sealed = await this.repository.chunk(this.db, importId, number);
      if (!sealed) return;
      const chunk = this.keys.unseal('content', sealed);
      if (!chunk)
        throw new Error(`Piece ${number} of import ${importId} does not open with any key of this install`);
      yield chunk;
    }
  }
}

/** The same octets in pieces of one length, but for the last. */
export async function* inPieces(chunks: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    while (size >= length) {
      const all = Buffer.concat(held);
      yield all.subarray(0, length);
      held = [all.subarray(length)];
      size -= length;
    }
  }
  if (size > 0) yield Buffer.concat(held);
}
