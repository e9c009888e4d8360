import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { sql } from 'kysely';
import { Gauge, Registry } from 'prom-client';
import { deliveryStates } from '../domain/index.js';
import { Database } from '../platform/database/index.js';
import { Public } from '../platform/http/index.js';
import { mergeExpositions, Metrics } from '../platform/metrics/index.js';
import { queueNames, WakeUps, within, type QueueName } from '../platform/queue/index.js';

const PATIENCE_MS = 2_000;
/** Of an endpoint's messages: a scrape must stay cheap when a million wait. */
const MOST_COUNTED = 10_000;

/** What is true of the whole install, asked at each scrape; all of it from counters and small partial indexes. */
@ApiExcludeController()
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly db: Database,
    private readonly wakeUps: WakeUps,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    const rows = await this.db
      .selectFrom('process_metrics')
      .select(['process', sql<string>`metrics->>'text'`.as('text')])
      .where('updated_at', '>', sql<Date>`now() - interval '1 minute'`)
      .execute();
    const others = rows.filter((row) => row.process !== 'api');
    return mergeExpositions([
      { process: 'install', text: await this.install() },
      { process: 'api', text: await this.metrics.registry.metrics() },
      ...others,
    ]);
  }

  private async install(): Promise<string> {
    const registry = new Registry();
    const depth = new Gauge({
      name: 'postrider_queue_depth',
      help: 'Jobs that wait, by queue',
      labelNames: ['queue'],
      registers: [registry],
    });
    for (const [queue, jobs] of await this.depths()) depth.set({ queue }, jobs);
    const deliveries = new Gauge({
      name: 'postrider_deliveries',
      help: 'Deliveries by stream and state; of orders and service only those that are not settled',
      labelNames: ['stream', 'state'],
      registers: [registry],
    });
    for (const { stream, state, count } of await this.deliveries()) deliveries.set({ stream, state }, count);
    await this.webhooks(registry);
    return registry.metrics();
  }

  private async webhooks(registry: Registry): Promise<void> {
    const { rows } = await sql<{ state: string; endpoints: number; waiting: number }>`
      SELECT CASE WHEN NOT enabled THEN 'disabled' WHEN failing_since IS NULL THEN 'well' ELSE 'failing' END AS state,
             count(*) AS endpoints, sum(waiting)::bigint AS waiting
        FROM webhook_endpoints w, LATERAL (SELECT count(*) AS waiting FROM (
          SELECT FROM webhook_messages m WHERE m.endpoint_id = w.id AND m.state = 'waiting' LIMIT ${MOST_COUNTED}) capped) counted
       GROUP BY 1`.execute(this.db);
    const labels = { labelNames: ['state'], registers: [registry] };
    const endpoints = new Gauge({
      name: 'postrider_webhook_endpoints',
      help: 'Webhook endpoints, by state: well, failing, disabled',
      ...labels,
    });
    const waiting = new Gauge({
      name: 'postrider_webhook_messages_waiting',
      help: `Webhook messages to be sent, by the state of their endpoint; no more than ${MOST_COUNTED} of each are counted`,
      ...labels,
    });
    for (const row of rows) {
      endpoints.set({ state: row.state }, row.endpoints);
      waiting.set({ state: row.state }, row.waiting);
    }
  }

  /** Nothing while the queue is away: the other numbers are wanted most of all then. */
  private async depths(): Promise<[QueueName, number][]> {
    const counts = queueNames.map(async (name): Promise<[QueueName, number]> => {
      return [name, await this.wakeUps.queue(name).getJobCountByTypes('waiting', 'prioritized', 'delayed')];
    });
    return within(PATIENCE_MS, Promise.all(counts)).catch(() => []);
  }

  private async deliveries(): Promise<{ stream: string; state: string; count: number }[]> {
    const news = deliveryStates.map(
      (state) =>
        sql`SELECT 'news' AS stream, ${sql.lit(state)} AS state, coalesce(sum(${sql.ref(state)}), 0)::bigint AS count FROM campaign_counts`,
    );
    const { rows } = await sql<{ stream: string; state: string; count: number }>`
      ${sql.join(news, sql` UNION ALL `)}
      UNION ALL
      SELECT stream, state, count(*) FROM deliveries
       WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred') GROUP BY stream, state
      UNION ALL
      SELECT stream, state, count(*) FROM deliveries
       WHERE message_id IS NOT NULL AND state = 'sending' GROUP BY stream, state`.execute(this.db);
    return rows;
  }
}
