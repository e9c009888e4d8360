import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { InboundListener } from './inbound-listener.js';
import { InboundMetrics } from './inbound-metrics.js';
import { InboundRoutes } from './inbound-routes.js';
import { InboundWork } from './inbound-work.service.js';
import { InboundPersonalData } from './inbound.personal-data.js';
import { InboundRepository } from './inbound.repository.js';
import { Intake } from './intake.service.js';

/** Receives mail and gives it to its route. The listener starts in the API process, the work is done by a worker. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    InboundListener,
    InboundMetrics,
    InboundPersonalData,
    InboundRepository,
    InboundRoutes,
    InboundWork,
    Intake,
  ],
  exports: [InboundListener, InboundRepository, InboundWork],
})
export class InboundModule {}
