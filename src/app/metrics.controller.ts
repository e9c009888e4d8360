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
    return registry.metrics();
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
