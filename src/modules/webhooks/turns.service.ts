import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { Drain } from '../../platform/queue/index.js';
import { Connections, type Answer } from './http/post.js';
import { Endpoints } from './endpoints.service.js';
import { WebhookMessagesRepository } from './messages.repository.js';
import { Outbound } from './outbound.js';
import { Payloads } from './payloads.js';
import { signatures } from './signature.js';
import { TurnRecord } from './turn-record.js';
import { TurnsRepository } from './turns.repository.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { messageName, type EndpointRow, type MessageRow } from './webhooks.types.js';

/** Requests to one endpoint at the same time, over all workers. */
const LANES = 8;
/** Messages that are read at once. */
const PAGE = 64;
/** After this nothing new is begun: other endpoints want their turn. Milliseconds, like all here. */
const TURN_MS = 10_000;
const RENEW_MS = 5_000;
/** When the process is to end, requests on their way get this long. */
const DRAIN_MS = 4_000;

/** Sends what is due, endpoint by endpoint. */
@Injectable()
export class Turns {
  private readonly logger = new Logger(Turns.name);

  constructor(
    private readonly db: Database,
    private readonly repository: TurnsRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly payloads: Payloads,
    private readonly outbound: Outbound,
    private readonly endpoints: Endpoints,
    private readonly drain: Drain,
    private readonly metrics: WebhookMetrics,
  ) {}

  /** Endpoints that have something due. */
  async owed(): Promise<string[]> {
    return this.repository.owed();
  }

  /**
   * One endpoint's turn: its due messages, some at a time, until nothing is due, the endpoint is to rest, or the time is over. At
   * least once: what was sent and not written (a kill, a database that is away) is sent again under the same `webhook-id`.
   * @returns whether more is due now
   */
  async run(endpointId: string): Promise<boolean> {
    const token = newId();
    const endpoint = await this.repository.take(endpointId, token);
    if (!endpoint) return false;
    const record = new TurnRecord(endpoint, token, this.db, this.repository);
    const turn = new Turn(this.repository, endpointId, token, this.drain.signal);
    const connections = new Connections(LANES);
    try {
      while (!turn.over && !record.ended) {
        const page = await this.messages.due(endpointId, record.careful ? 1 : PAGE);
        if (page.length === 0) return false;
        await this.sendAll(endpoint, page, record, turn, connections);
      }
      return !record.ended;
    } finally {
      connections.close();
      turn.end();
      await this.repository.giveBack(endpointId, token);
    }
  }

  private async sendAll(
    endpoint: EndpointRow,
    page: readonly MessageRow[],
    record: TurnRecord,
    turn: Turn,
    connections: Connections,
  ): Promise<void> {
    const bodies = await this.payloads.of(page);
    const waiting = [...page];
    const lane = async (): Promise<void> => {
      for (let message = waiting.shift(); message; message = waiting.shift()) {
        if (turn.over || record.ended) return;
        const answer = await this.send(endpoint, message, bodies.get(message.id), connections, turn.cancel);
        // Cut off by our own end: nobody's fault, and not to be counted.
        if (turn.cancel.aborted && answer.statusCode === null) return;
        const delivered = record.add(message, answer);
        this.metrics.attempts.inc({ result: delivered ? 'delivered' : 'failed' });
        await record.written();
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, page.length) }, lane));
    if (record.ended)
      this.logger.warn(`Webhook endpoint ${endpoint.id} rests or was disabled after a failure`);
  }

  private async send(
    endpoint: EndpointRow,
    message: MessageRow,
    body: string | undefined,
    connections: Connections,
    cancel: AbortSignal,
  ): Promise<Answer> {
    if (body === undefined)
      return {
        statusCode: null,
        retryAfter: undefined,
        body: null,
        error: 'its event is no longer kept',
        durationMs: 0,
      };
    const id = messageName(message.id);
    const seconds = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Postrider-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatures(this.endpoints.secretsOf(endpoint), id, seconds, body),
    };
    return this.outbound.send(endpoint.url, headers, body, connections, cancel);
  }
}

/** The time of a turn: it keeps the lease while the turn goes on, and notices when it is lost. */
class Turn {
  private readonly began = performance.now();
  private readonly cut = new AbortController();
  private readonly renewal: NodeJS.Timeout;
  private cutting: NodeJS.Timeout | undefined;
  private lost = false;

  constructor(
    repository: TurnsRepository,
    endpointId: string,
    token: string,
    private readonly stopping: AbortSignal,
  ) {
    this.renewal = setInterval(() => {
      repository.renew(endpointId, token).then(
        (kept) => (this.lost ||= !kept),
        () => (this.lost = true),
      );
    }, RENEW_MS);
    stopping.addEventListener('abort', this.stop, { once: true });
  }

  /** Nothing new may be begun. */
  get over(): boolean {
    return this.lost || this.stopping.aborted || performance.now() - this.began > TURN_MS;
  }

  /** Ends requests that are on their way. */
  get cancel(): AbortSignal {
    return this.cut.signal;
  }

  end(): void {
    clearInterval(this.renewal);
    clearTimeout(this.cutting);
    this.stopping.removeEventListener('abort', this.stop);
  }

  private readonly stop = (): void => {
    this.cutting = setTimeout(() => this.cut.abort(), DRAIN_MS);
  };
}
