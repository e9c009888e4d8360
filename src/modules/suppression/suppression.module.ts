import { Module } from '@nestjs/common';
import { SuppressionPersonalData } from './suppression.personal-data.js';
import { SuppressionRepository } from './suppression.repository.js';
import { Suppressions } from './suppressions.service.js';

@Module({
  providers: [SuppressionRepository, SuppressionPersonalData, Suppressions],
  exports: [Suppressions],
})
export class SuppressionModule {}
