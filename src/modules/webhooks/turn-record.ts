import { newId } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { withoutPersonalData } from '../../platform/logging/index.js';
import { GIVE_UP_DAYS, inTrouble, restAfter } from './retry-times.js';
import type { MessageResult, TurnsRepository } from './turns.repository.js';
import { verdictOn } from './verdict.js';
import type { Answer } from './http/post.js';
import type { DisabledReason, EndpointRow, MessageRow } from './webhooks.types.js';

const DAY_MS = 86_400_000;

/**
 * What one turn finds out about its endpoint, written in groups: while one group is being written the next one gathers, so a fast
 * endpoint costs a transaction for many messages, and a crash repeats only what was not written yet.
 */
export class TurnRecord {
  private results: MessageResult[] = [];
  private writing: Promise<void> | undefined;
  private failures: number;
  private failingSince: Date | null;
  private lastSuccessAt: Date | null = null;
  private rest = 0;
  private disable: DisabledReason | null = null;

  constructor(
    private readonly endpoint: EndpointRow,
    private readonly token: string,
    private readonly db: Database,
    private readonly repository: TurnsRepository,
  ) {
    this.failures = endpoint.failures;
    this.failingSince = endpoint.failing_since;
  }

  /** Nothing more is to be sent in this turn. */
  get ended(): boolean {
    return this.rest > 0 || this.disable !== null;
  }

  /** One message at a time, to find out whether it is back. */
  get careful(): boolean {
    return inTrouble(this.failures);
  }

  /** @param at when the answer was there @returns whether the message was taken */
  add(message: MessageRow, answer: Answer): boolean {
    const verdict = verdictOn(answer, message.tries);
    const delivered = verdict.state === 'delivered';
    if (delivered) this.succeeded();
    else this.failed(verdict.rest, verdict.gone);
    this.results.push({
      ...verdict,
      attempt: {
        id: newId(),
        endpoint_id: this.endpoint.id,
        message_id: message.id,
        type: message.type,
        try: message.tries + 1,
        delivered,
        duration_ms: answer.durationMs,
        status_code: answer.statusCode,
        answer: storable(answer.body),
        error: storable(verdict.error),
      },
    });
    return delivered;
  }

  /** Settles when everything that was added is in the database. @throws when it cannot be written; it will be sent again then */
  async written(): Promise<void> {
    while (this.writing || this.results.length > 0) {
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      await this.writing;
    }
  }

  private succeeded(): void {
    this.failures = 0;
    this.failingSince = null;
    this.lastSuccessAt = new Date();
  }

  private failed(askedRest: number, gone: boolean): void {
    this.failures += 1;
    this.failingSince ??= new Date();
    this.rest = Math.max(this.rest, askedRest, restAfter(this.failures));
    if (gone) this.disable = 'gone';
    else if (Date.now() - this.failingSince.getTime() > GIVE_UP_DAYS * DAY_MS) this.disable = 'failing';
  }

  private async write(): Promise<void> {
    const { id: endpointId } = this.endpoint;
    const results = this.results.splice(0);
    const { failures, failingSince, lastSuccessAt, rest, disable } = this;
    const health = { failures, failingSince, lastSuccessAt, rest, disable };
    await this.db.work(async ({ trx }) => {
      await this.repository.record(trx, results);
      const disabled = await this.repository.saveHealth(trx, endpointId, this.token, health);
      if (disabled)
        await appendEvents(trx, [{ type: 'webhook.disabled', data: { endpointId, reason: disable } }]);
    });
  }
}

/** What a stranger's server said, without addresses, and without what PostgreSQL refuses in a text. */
function storable(text: string | null): string | null {
  return text && withoutPersonalData(text).toWellFormed().replaceAll('\0', '\ufffd');
}
