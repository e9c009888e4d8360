import { Injectable } from '@nestjs/common';
import { KeyRing } from '../../platform/crypto/index.js';
import type { Executor } from '../../platform/database/index.js';
import { ConsentRepository } from './consent.repository.js';

/**
 * What stays of an erased person: a keyed hash of the address. It cannot be read back, and it answers one question: has this
 * address asked to be forgotten?
 */
@Injectable()
export class ErasureHashes {
  constructor(
    private readonly keys: KeyRing,
    private readonly repository: ConsentRepository,
  ) {}

  /** @param canonical the canonical form of the address */
  async add(executor: Executor, canonical: string): Promise<void> {
    await this.repository.addErasureHash(executor, this.keys.hash('erasure', canonical));
  }

  /** The person said yes again: what was forgotten stays so, and an import may name the address again. */
  async lift(executor: Executor, canonical: string): Promise<void> {
    await this.repository.dropErasureHash(executor, this.keys.hash('erasure', canonical));
  }

  async has(executor: Executor, canonical: string): Promise<boolean> {
    return this.repository.hasErasureHash(executor, this.keys.hash('erasure', canonical));
  }

  /** Those of many addresses that asked to be forgotten. */
  async among(executor: Executor, canonicals: readonly string[]): Promise<Set<string>> {
    const byHash = new Map(
      canonicals.map((canonical) => [this.keys.hash('erasure', canonical).toString('hex'), canonical]),
    );
    const found = await this.repository.erasureHashesAmong(executor, [...byHash.keys()]);
    return new Set(found.flatMap((hash) => byHash.get(hash) ?? []));
  }
}
