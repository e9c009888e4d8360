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

  constructor({ registry }: Metrics, repository: InboundRepository) {
    const registers = [registry];
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
    const mails = new Gauge({
      name: 'postrider_inbound_mails',
      help: 'Received mails that wait for their route, or that failed there',
      labelNames: ['state'],
      registers,
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
