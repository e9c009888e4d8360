import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AttemptsRepository } from './attempts.repository.js';
import { EndpointsRepository } from './endpoints.repository.js';
import { Endpoints } from './endpoints.service.js';
import { EventReaderRepository } from './event-reader.repository.js';
import { EventReader } from './event-reader.service.js';
import { WebhookMessagesRepository } from './messages.repository.js';
import { Outbound } from './outbound.js';
import { EVENT_DETAILS, type EventDetails } from './payload.js';
import { Payloads } from './payloads.js';
import { ReplaysRepository } from './replays.repository.js';
import { Replays } from './replays.service.js';
import { TurnsRepository } from './turns.repository.js';
import { Turns } from './turns.service.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhooksPersonalData } from './webhooks.personal-data.js';

const shared = [
  AttemptsRepository,
  Endpoints,
  EndpointsRepository,
  Outbound,
  Replays,
  ReplaysRepository,
  WebhookMessagesRepository,
];

/** Endpoints, and what was sent to them. */
@Module({ providers: [...shared, WebhooksPersonalData], exports: shared })
export class WebhooksModule {}

/** What only worker processes need: reading events, sending. */
@Module({})
export class WebhooksSendingModule {
  /** @param details looks up what a payload says besides ids */
  static withDetails(details: Type<EventDetails>): DynamicModule {
    return {
      module: WebhooksSendingModule,
      imports: [WebhooksModule],
      providers: [
        EventReader,
        EventReaderRepository,
        Payloads,
        Turns,
        TurnsRepository,
        WebhookMetrics,
        { provide: EVENT_DETAILS, useClass: details },
      ],
      exports: [EventReader, Turns, WebhooksModule],
    };
  }
}
