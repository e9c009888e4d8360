import { Module } from '@nestjs/common';
import { SuppressionModule } from '../suppression/index.js';
import { DeliverabilityCountingRepository } from './deliverability-counting.repository.js';
import { DeliverabilityRepository } from './deliverability.repository.js';
import { Deliverability } from './deliverability.service.js';
import { ReportsPersonalData } from './reports.personal-data.js';

@Module({
  imports: [SuppressionModule],
  providers: [
    Deliverability,
    DeliverabilityCountingRepository,
    DeliverabilityRepository,
    ReportsPersonalData,
  ],
  exports: [Deliverability, DeliverabilityCountingRepository, SuppressionModule],
})
export class ReportsModule {}
