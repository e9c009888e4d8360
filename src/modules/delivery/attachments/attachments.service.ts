import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Executor } from '../../../platform/database/index.js';
import type { NewAttachment, StoredAttachment } from './attachment.types.js';
import { BlobsRepository } from './blobs.repository.js';

/** Files that went out a moment ago: a mail to fifty reads its own once, and the terms of the shop are in every order mail. */
const KEPT_OCTETS = 32 * 1024 * 1024;
const KEPT_MS = 60_000;

/** A file with its octets, ready to be written into a mail. */
export type LoadedAttachment = StoredAttachment & { readonly content: Buffer };

@Injectable()
export class Attachments {
  private readonly recent = new LRUCache<string, Buffer>({
    maxSize: KEPT_OCTETS,
    sizeCalculation: ({ length }) => Math.max(1, length),
    ttl: KEPT_MS,
  });

  constructor(private readonly blobs: BlobsRepository) {}

  /** Stores the files of a message, in the caller's transaction. */
  async store(
    executor: Executor,
    messageId: string,
    files: readonly NewAttachment[],
  ): Promise<StoredAttachment[]> {
    if (files.length === 0) return [];
    const hashes = await this.blobs.add(
      executor,
      messageId,
      files.map(({ content }) => content),
    );
    return files.map(({ content, ...facts }, index) => ({
      ...facts,
      sha256: hashes[index]?.toString('hex') ?? '',
      octets: content.length,
    }));
  }

  /** @throws where a file is gone, which its message would have kept */
  async load(files: readonly StoredAttachment[]): Promise<LoadedAttachment[]> {
    const found = new Map<string, Buffer>();
    const missing = new Set<string>();
    for (const { sha256 } of files) {
      const content = this.recent.get(sha256);
      if (content) found.set(sha256, content);
      else missing.add(sha256);
    }
    if (missing.size > 0) {
      for (const blob of await this.blobs.read([...missing].map((hash) => Buffer.from(hash, 'hex')))) {
        const hash = blob.sha256.toString('hex');
        found.set(hash, blob.content);
        this.recent.set(hash, blob.content);
      }
    }
    return files.map((file) => {
      const content = found.get(file.sha256);
      if (!content) throw new Error(`The file ${file.sha256} of a message is gone`);
      return { ...file, content };
    });
  }
}
