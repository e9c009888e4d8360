import { Module } from '@nestjs/common';
import { ProviderRequestsPersonalData } from './provider-requests.personal-data.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** What is stored of webhooks, for those who list, erase or let go of it. */
@Module({
  providers: [ProviderRequestsPersonalData, ProviderRequestsRepository],
  exports: [ProviderRequestsRepository],
})
export class ProviderRequestsModule {}
