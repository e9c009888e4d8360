import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Gauge } from 'prom-client';
import { Metrics } from '../../../platform/metrics/index.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** What waits and what failed in the whole install: shown by the process that answers HTTP, or each would show the same. */
@Injectable()
export class ProviderRequestsMetrics implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
    private readonly repository: ProviderRequestsRepository,
  ) {}

  onModuleInit(): void {
    if (!this.host.httpAdapter) return;
    const { repository } = this;
    const requests = new Gauge({
      name: 'postrider_provider_requests',
      help: 'Webhooks of mail providers that wait to be read, or that failed there',
      labelNames: ['state'],
      registers: [this.metrics.registry],
      async collect() {
        for (const state of ['waiting', 'failed'] as const)
          requests.set({ state }, await repository.count(state));
      },
    });
  }
}
