import { join } from 'node:path';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { defaultRetryHours, type RetryHours } from '../../domain/index.js';
import { ClaimsRepository, LEASE_SECONDS } from './claims.repository.js';
import { orphanedJournals, removeJournal, type JournalRecord } from './journal.js';
import { RecordRepository } from './record.repository.js';
import { released, settlementOf, type Claimed, type Settlement } from './settlement.js';

const EVERY_MS = 5_000;

/**
 * Accounts for what a dead worker had in hand. First the journals of this machine: a reply is a result, an intent without a reply
 * is unknown, no intent is proof that nothing was handed over. Then, for workers whose journal is out of reach, leases
 * that have ended: unknown. Runs at the start of every worker and every few seconds.
 */
@Injectable()
export class Recovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Recovery');
  private readonly journals: string;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly config: Config,
    private readonly claims: ClaimsRepository,
    private readonly records: RecordRepository,
  ) {
    this.journals = join(config.dataDir, 'journal');
  }

  onApplicationBootstrap(): void {
    this.start();
    this.timer = setInterval(() => this.start(), EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private start(): void {
    this.running ??= this.round()
      .catch((error: Error) => this.logger.warn(`The recovery round did not end: ${error.message}`))
      .finally(() => (this.running = undefined));
  }

  private async round(): Promise<void> {
    for (const journal of orphanedJournals(this.journals, LEASE_SECONDS * 1000)) {
      // One that cannot be replayed must not keep the others waiting, nor the leases.
      await this.replay(journal).catch((error: Error) =>
        this.logger.warn(`The journal ${journal.file} was not replayed: ${error.message}`),
      );
    }
    const expired = await this.claims.expireLeases();
    if (expired > 0)
      this.logger.warn(`${expired} deliveries are unknown: their worker is gone and left no evidence`);
  }

  private async replay(journal: JournalRecord): Promise<void> {
    const { bucket, token } = journal.header;
    const held = await this.claims.heldBy(bucket, token);
    // A writer that renews its leases lives, in a container that shares this folder.
    if (journal.writer !== 'dead' && held.some(({ leased }) => leased)) return;
    const settlements = held.map((item) => evidence(journal, item, this.config.retryHours));
    await this.records.record(settlements.map((settlement) => ({ bucket, token, settlement })));
    removeJournal(journal);
    if (held.length === 0) return;
    const unknown = settlements.filter((settlement) => settlement.move === 'lose').length;
    this.logger.log(
      `Replayed the journal of a dead worker: ${held.length} deliveries, ${unknown} of them unknown`,
    );
  }
}

/** What a journal proves of one delivery. */
export function evidence(
  journal: Pick<JournalRecord, 'header' | 'settled' | 'intents' | 'complete'>,
  item: Claimed,
  hours: RetryHours = defaultRetryHours,
): Settlement {
  const settled = journal.settled.get(item.id);
  if (settled) return settled;
  if (journal.complete && !journal.intents.has(item.id)) return released(item);
  return settlementOf(
    item,
    { kind: 'unknown', problem: 'the worker ended before the answer' },
    journal.header.relay,
    Math.random(),
    hours,
  );
}
