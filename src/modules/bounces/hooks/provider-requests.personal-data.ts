import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../../platform/database/index.js';
import {
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../../platform/personal-data/index.js';
import { namedAddresses } from './named-addresses.js';
import { contentOf } from './provider-request.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

const KEPT_DAYS = 30;

/** Webhooks of mail providers, which name whom a mail went to. */
@Injectable()
export class ProviderRequestsPersonalData extends PersonalData {
  readonly tables = ['provider_requests'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'webhooks of mail providers',
      days: KEPT_DAYS,
      describe: 'What mail providers told goes as a whole; what came of it stays.',
      count: (executor) => this.repository.countBefore(executor, KEPT_DAYS),
      purge: (db) => inChunks((limit) => this.repository.purgeBefore(db, KEPT_DAYS, limit)),
    },
  ];

  constructor(private readonly repository: ProviderRequestsRepository) {
    super();
  }

  /** A list of events may speak of many people: only what names this one is theirs. */
  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const addresses = addressesOf(person);
    const requests = await this.repository.naming(executor, addresses);
    const providerEvents = requests.flatMap(({ provider, receivedAt, body }) =>
      eventsIn(contentOf(body))
        .filter((event) => names(event, addresses))
        .map((event) => ({ provider, receivedAt, event })),
    );
    return { providerEvents };
  }

  /** An event goes out of its list and leaves its place, by which those that still wait are known. */
  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    const addresses = addressesOf(person);
    for (const { id, body } of await this.repository.naming(trx, addresses)) {
      const content = contentOf(body);
      const left = Array.isArray(content)
        ? content.map((event) => (names(event, addresses) ? {} : event))
        : [];
      if (left.every(isEmpty)) await this.repository.remove(trx, id);
      else
        await this.repository.rewrite(trx, id, Buffer.from(JSON.stringify(left)), [...namedAddresses(left)]);
    }
  }
}

const eventsIn = (content: unknown): unknown[] => (Array.isArray(content) ? content : [content]);

const isEmpty = (event: unknown): boolean =>
  typeof event !== 'object' || event === null || Object.keys(event).length === 0;

function names(event: unknown, addresses: readonly string[]): boolean {
  const named = namedAddresses(event);
  return addresses.some((address) => named.has(address));
}

function addressesOf({ canonical, address }: PersonRef): string[] {
  return [...new Set([canonical, address].filter((one) => one !== null).map((one) => one.toLowerCase()))];
}
