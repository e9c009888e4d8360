import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import type { Executor } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { conflict, notFound } from '../../platform/http/index.js';
import { PoliciesRepository } from './policies.repository.js';
import type { NewPolicy, Policy, PolicyHead } from './policies.types.js';

/** The versions of the privacy policy. The newest is the current one; the others stay, because the ledger names them. */
@Injectable()
export class Policies {
  constructor(private readonly repository: PoliciesRepository) {}

  /** What forms show and the ledger notes; undefined while none is published. */
  async current(executor: Executor): Promise<PolicyHead | undefined> {
    const [head] = await this.repository.heads(executor, 1);
    return head;
  }

  /** All versions, the newest first. */
  async all(executor: Executor): Promise<PolicyHead[]> {
    return this.repository.heads(executor);
  }

  async byVersion(executor: Executor, version: string): Promise<Policy | undefined> {
    return this.repository.byVersion(executor, version);
  }

  /** @throws 404 */
  async known(executor: Executor, version: string): Promise<Policy> {
    const policy = await this.byVersion(executor, version);
    if (!policy) throw notFound('privacy policy', version);
    return policy;
  }

  /**
   * Makes it the current one, from the commit on.
   * @throws 409 where there is a version of this name: what people were shown is never changed
   */
  async publish(executor: Executor, policy: NewPolicy): Promise<Policy> {
    await this.repository.lock(executor);
    const version = policy.version ?? (await this.nextNumber(executor));
    if (await this.byVersion(executor, version)) {
      throw conflict(
        'policy_exists',
        `Version ${version} of the privacy policy is published already, and a published version never changes; publish the new text as another one`,
      );
    }
    await this.repository.insert(executor, {
      id: newId(),
      version,
      revisedOn: policy.revisedOn,
      bodies: policy.bodies,
    });
    await appendEvents(executor, [{ type: 'policy.published', data: { version } }]);
    return this.known(executor, version);
  }

  private async nextNumber(executor: Executor): Promise<string> {
    const taken = new Set((await this.all(executor)).map(({ version }) => version));
    let number = taken.size + 1;
    while (taken.has(String(number))) number += 1;
    return String(number);
  }
}
