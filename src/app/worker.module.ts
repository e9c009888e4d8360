import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { streams } from '../domain/index.js';
import { CampaignsModule, CampaignsProcessor } from '../modules/campaigns/index.js';
import {
  DeliveryEngineModule,
  NewsProcessor,
  OrdersProcessor,
  ServiceProcessor,
} from '../modules/delivery/index.js';
import { InboundModule, InboundProcessor } from '../modules/inbound/index.js';
import { UnsubscribeModule } from '../modules/unsubscribe/index.js';
import type { JobHandler, QueueName } from '../platform/queue/index.js';
import { core, type ProcessOptions } from './core.js';
import { Housekeeping } from './housekeeping.js';

/** Who serves which queue. The type wants every queue here; the start checks that each served one has exactly one handler. */
const handlers: Record<QueueName, Type<JobHandler<QueueName>>> = {
  orders: OrdersProcessor,
  service: ServiceProcessor,
  news: NewsProcessor,
  campaigns: CampaignsProcessor,
  inbound: InboundProcessor,
};

/** A process without HTTP that works on some queues. */
@Module({})
export class WorkerModule {
  /** @param relayUrl where its mail leaves */
  static forQueues(options: ProcessOptions, serves: readonly QueueName[], relayUrl: string): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ...core(options, serves),
        DeliveryEngineModule.forRelay(
          relayUrl,
          streams.filter((stream) => serves.includes(stream)),
        ),
        CampaignsModule,
        InboundModule,
        UnsubscribeModule,
      ],
      providers: [Housekeeping, ...serves.map((queue) => handlers[queue])],
    };
  }
}
