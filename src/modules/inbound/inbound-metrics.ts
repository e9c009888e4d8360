import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../../platform/metrics/index.js';
import { InboundRepository } from './inbound.repository.js';
import type { RefusalReason } from './smtp-refusal.js';

/** What came in, by this process; and what waits, in the whole install. */
@Injectable()
export class InboundMetrics {
  readonly received: Counter<'route'>;
  readonly refused: Counter<'reason'>;

  constructor(
    private readonly metrics: Metrics,
    private readonly repository: InboundRepository,
  ) {
    const registers = [metrics.registry];
    this.received = new Counter({
      name: 'postrider_inbound_received_total',
      help: 'Mails that were received, by route; the same mail again is none',
      labelNames: ['route'],
      registers,
    });
    this.refused = new Counter({
      name: 'postrider_inbound_refused_total',
      help: 'Connections, recipients and mails that were refused, by reason',
      labelNames: ['reason'],
      registers,
    });
  }

  /** Shows what waits and what failed in the whole install: by the process that listens, or each would show the same. */
  showMails(): void {
    const { repository } = this;
    const mails = new Gauge({
      name: 'postrider_inbound_mails',
      help: 'Received mails that wait for their route, or that failed there',
      labelNames: ['state'],
      registers: [this.metrics.registry],
      async collect() {
        for (const state of ['waiting', 'failed'] as const)
          mails.set({ state }, await repository.count(state));
      },
    });
  }

  refuse(reason: RefusalReason): void {
    this.refused.inc({ reason });
  }
}
