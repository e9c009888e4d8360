import { Module } from '@nestjs/common';
import { SuppressionRepository } from './suppression.repository.js';
import { Suppressions } from './suppressions.service.js';

@Module({
  providers: [SuppressionRepository, Suppressions],
  exports: [Suppressions],
})
export class SuppressionModule {}
