import { Module } from '@nestjs/common';
import { DomainCapsRepository } from '../quotas/domain-caps.repository.js';
import { ConnectionLeasesRepository } from './connection-leases.repository.js';
import { RelaysRepository } from './relays.repository.js';
import { Relays } from './relays.service.js';

/** Relays and caps as the API shows them. */
@Module({
  providers: [ConnectionLeasesRepository, DomainCapsRepository, Relays, RelaysRepository],
  exports: [ConnectionLeasesRepository, DomainCapsRepository, Relays, RelaysRepository],
})
export class RelaysModule {}
