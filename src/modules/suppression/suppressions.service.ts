import { Injectable } from '@nestjs/common';
import { lifts, newId, timeOf } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import { appendEvents, type NewEvent } from '../../platform/events/index.js';
import { notFound, toPage, type Page } from '../../platform/http/index.js';
import { SuppressionRepository } from './suppression.repository.js';
import type { NewSuppression, Suppression, SuppressionSearch } from './suppression.types.js';

/** `created`: false where the same one was active already. */
export interface Added {
  readonly suppression: Suppression;
  readonly created: boolean;
}

/** Who must not be mailed. Mail that waits is skipped at its hand-over, because the check there reads these rows. */
@Injectable()
export class Suppressions {
  constructor(private readonly repository: SuppressionRepository) {}

  /** Adds one. Where the same one is active already, that one comes back and nothing changes. */
  async add(work: Work, suppression: NewSuppression): Promise<Added> {
    const [added] = await this.addAll(work, [suppression]);
    if (!added) throw new Error('One suppression was asked for');
    return added;
  }

  /** The same for many, in their order. */
  async addAll({ trx }: Work, suppressions: readonly NewSuppression[]): Promise<Added[]> {
    if (suppressions.length === 0) return [];
    const added = await this.repository.add(
      trx,
      suppressions.map((one) => ({ ...one, id: newId() })),
    );
    await appendEvents(
      trx,
      added.filter(({ created }) => created).map(({ suppression }) => told('suppression.added', suppression)),
    );
    return added;
  }

  /**
   * Lifts one; others of the same address still hold. One that was lifted before stays as it is.
   * @param note why, for whoever asks later
   * @throws 404 when there is none
   */
  async release({ trx }: Work, id: string, note: string): Promise<Suppression> {
    const [released] = await this.repository.release(trx, [id], note);
    if (released) {
      await appendEvents(trx, [told('suppression.released', released)]);
      return released;
    }
    const known = await this.repository.byId(trx, id);
    if (!known) throw notFound('suppression', id);
    return known;
  }

  /**
   * The person asked for these lists and confirmed: lifts what that may lift (domain/suppression), of what was there before they asked.
   * @param optIn.requestId the request that was confirmed; it is the evidence, and its time the moment of asking
   */
  async liftByOptIn(
    { trx }: Work,
    optIn: { readonly address: string; readonly listIds: readonly string[]; readonly requestId: string },
  ): Promise<Suppression[]> {
    const { listIds, requestId } = optIn;
    const asked = timeOf(requestId);
    const lifted = (await this.repository.active(trx, [optIn.address])).filter(
      (one) => one.createdAt < asked && lifts({ by: 'opt_in', listIds }, one),
    );
    const released = await this.repository.release(
      trx,
      lifted.map(({ id }) => id),
      `The person's own opt-in, confirmed by mail (request ${requestId})`,
    );
    await appendEvents(
      trx,
      released.map((one) => told('suppression.released', one)),
    );
    return released;
  }

  /**
   * Those of these lists whose news is stopped by something that the person's own opt-in would lift: who asks for one of them is asked
   * to confirm, though they may be on it.
   * @param address canonical
   */
  async liftableLists(
    executor: Executor,
    address: string,
    listIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const holding = await this.repository.active(executor, [address]);
    return new Set(
      listIds.filter((id) => holding.some((one) => lifts({ by: 'opt_in', listIds: [id] }, one))),
    );
  }

  /** @throws 404 when there is none */
  async known(executor: Executor, id: string): Promise<Suppression> {
    const suppression = await this.repository.byId(executor, id);
    if (!suppression) throw notFound('suppression', id);
    return suppression;
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

function told(
  type: 'suppression.added' | 'suppression.released',
  { id, scope, reason, listId }: Suppression,
): NewEvent {
  return { type, listId, data: { suppressionId: id, scope, reason } };
}
