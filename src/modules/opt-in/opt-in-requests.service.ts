import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';
import { OptInRequestsRepository, type OptInRequest } from './opt-in-requests.repository.js';

/** How long the link in a confirmation mail works. */
export const LINK_DAYS = 7;
/**
 * An address that does not answer gets one confirmation mail in this time, whatever the lists and the ways in: a form in the hands of
 * somebody who types other people's addresses into it (list bombing) must not fill their inboxes.
 */
export const QUIET_HOURS = 24;

/** Which mail asks for what. Call it with the person's row locked: of two askings at once the second sees the first. */
@Injectable()
export class OptInRequests {
  constructor(private readonly repository: OptInRequestsRepository) {}

  /**
   * The request that stands for these subscriptions: one whose mail is out and unanswered takes them in, so that its link confirms them
   * too; otherwise a new one.
   * @returns `isNew` where a mail has to go out
   */
  async openFor(
    executor: Executor,
    personId: string,
    subscriptionIds: readonly string[],
  ): Promise<{ id: string; isNew: boolean }> {
    const out = await this.out(executor, personId);
    if (out) {
      await this.repository.join(executor, out.id, subscriptionIds);
      return { id: out.id, isNew: false };
    }
    const id = newId();
    await this.repository.insert(executor, { id, personId, subscriptionIds }, LINK_DAYS);
    return { id, isNew: true };
  }

  /** The request whose mail keeps others back; undefined where one may be sent. */
  async out(executor: Executor, personId: string): Promise<OptInRequest | undefined> {
    const request = await this.repository.unanswered(executor, personId);
    return request && request.secondsOut < QUIET_HOURS * 3_600 ? request : undefined;
  }
}

/** Seconds until the next mail may follow this one. */
export function quietSeconds({ secondsOut }: OptInRequest): number {
  return Math.max(1, Math.ceil(QUIET_HOURS * 3_600 - secondsOut));
}
