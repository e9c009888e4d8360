import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from '../../platform/metrics/index.js';

@Injectable()
export class WebhookMetrics {
  readonly attempts: Counter<'result'>;

  constructor(metrics: Metrics) {
    this.attempts = new Counter({
      name: 'postrider_webhook_attempts_total',
      help: 'Requests to webhook endpoints, by result: delivered, failed',
      labelNames: ['result'],
      registers: [metrics.registry],
    });
  }
}
