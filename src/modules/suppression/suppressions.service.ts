import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { notFound, toPage, type Page } from '../../platform/http/index.js';
import { SuppressionRepository } from './suppression.repository.js';
import type { NewSuppression, Suppression, SuppressionSearch } from './suppression.types.js';

/** Who must not be mailed. Mail that waits is skipped at its hand-over, because the check there reads these rows. */
@Injectable()
export class Suppressions {
  constructor(private readonly repository: SuppressionRepository) {}

  /** Adds one. Where the same one is active already, that one comes back and nothing changes. */
  async add(
    { trx }: Work,
    suppression: NewSuppression,
  ): Promise<{ suppression: Suppression; created: boolean }> {
    const result = await this.repository.add(trx, newId(), suppression);
    if (result.created) {
      const { id, scope, reason, listId } = result.suppression;
      await appendEvents(trx, [
        { type: 'suppression.added', listId, data: { suppressionId: id, scope, reason } },
      ]);
    }
    return result;
  }

  /**
   * Lifts one; others of the same address still hold. One that was lifted before stays as it is.
   * @param note why, for whoever asks later
   * @throws 404 when there is none
   */
  async release({ trx }: Work, id: string, note: string): Promise<Suppression> {
    const released = await this.repository.release(trx, id, note);
    if (released) {
      const { scope, reason, listId } = released;
      await appendEvents(trx, [
        { type: 'suppression.released', listId, data: { suppressionId: id, scope, reason } },
      ]);
      return released;
    }
    const known = await this.repository.byId(trx, id);
    if (!known) throw notFound('suppression', id);
    return known;
  }

  /** A page of those that fit, the newest first. */
  async search(executor: Executor, search: SuppressionSearch): Promise<Page<Suppression>> {
    const rows = await this.repository.search(executor, { ...search, limit: search.limit + 1 });
    return toPage(rows, search.limit, (suppression) => suppression);
  }

  /** What holds now for one address, or for many at once. @param canonical in canonical form */
  async activeFor(executor: Executor, canonical: string | readonly string[]): Promise<Suppression[]> {
    const addresses = typeof canonical === 'string' ? [canonical] : canonical;
    return addresses.length === 0 ? [] : this.repository.active(executor, addresses);
  }
}
