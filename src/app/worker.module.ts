import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { streams } from '../domain/index.js';
import { AlertWatch, AlertWatchModule } from '../modules/alerts/index.js';
import { BouncesModule, MailEventsProcessor } from '../modules/bounces/index.js';
import { CampaignsModule, CampaignsProcessor } from '../modules/campaigns/index.js';
import { ConsentModule, LedgerSealer } from '../modules/consent/index.js';
import {
  DeliveryEngineModule,
  NewsProcessor,
  OrdersProcessor,
  ServiceProcessor,
} from '../modules/delivery/index.js';
import { ImportsModule, ImportsProcessor } from '../modules/imports/index.js';
import { InboundModule, InboundProcessor } from '../modules/inbound/index.js';
import { OptInModule, SignUpsProcessor } from '../modules/opt-in/index.js';
import { WebhooksProcessor, WebhooksSendingModule } from '../modules/webhooks/index.js';
import { LinksProcessor, UnsubscribeModule } from '../modules/unsubscribe/index.js';
import { NoticesProcessor, PolicyNoticesModule } from '../modules/privacy/index.js';
import { DeliverabilityCounter, ReportsModule } from '../modules/reports/index.js';
import type { JobHandler, QueueName } from '../platform/queue/index.js';
import { AlertFactsReader } from './alert-facts.js';
import { core, type ProcessOptions } from './core.js';
import { EventDetailsReader } from './event-details.js';
import { HoldersModule } from './holders.module.js';
import { Housekeeping } from './housekeeping.js';

/** Who serves which queue. The type wants every queue here; the start checks that each served one has exactly one handler. */
const handlers: Record<QueueName, Type<JobHandler<QueueName>>> = {
  orders: OrdersProcessor,
  service: ServiceProcessor,
  signUps: SignUpsProcessor,
  links: LinksProcessor,
  news: NewsProcessor,
  campaigns: CampaignsProcessor,
  notices: NoticesProcessor,
  imports: ImportsProcessor,
  webhooks: WebhooksProcessor,
  inbound: InboundProcessor,
  mailEvents: MailEventsProcessor,
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
        HoldersModule,
        ConsentModule,
        PolicyNoticesModule,
        OptInModule,
        WebhooksSendingModule.withDetails(EventDetailsReader),
        AlertWatchModule.withFacts(AlertFactsReader),
        ImportsModule,
        InboundModule,
        BouncesModule,
        UnsubscribeModule,
        ReportsModule,
      ],
      providers: [
        AlertWatch,
        Housekeeping,
        LedgerSealer,
        DeliverabilityCounter,
        ...serves.map((queue) => handlers[queue]),
      ],
    };
  }
}
