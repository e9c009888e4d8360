import { Module } from '@nestjs/common';
import { AddressReportsRepository } from './address-reports.repository.js';
import { AddressReports } from './address-reports.service.js';
import { SuppressionCsv } from './suppression-csv.service.js';
import { SuppressionPersonalData } from './suppression.personal-data.js';
import { SuppressionRepository } from './suppression.repository.js';
import { Suppressions } from './suppressions.service.js';

@Module({
  providers: [
    AddressReports,
    AddressReportsRepository,
    SuppressionCsv,
    SuppressionRepository,
    SuppressionPersonalData,
    Suppressions,
  ],
  exports: [AddressReports, SuppressionCsv, Suppressions],
})
export class SuppressionModule {}
