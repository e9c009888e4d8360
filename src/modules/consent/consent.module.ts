import { Module } from '@nestjs/common';
import { ConsentLedger } from './consent-ledger.service.js';
import { ConsentRepository } from './consent.repository.js';
import { ErasureHashes } from './erasure-hashes.service.js';
import { PoliciesRepository } from './policies.repository.js';
import { Policies } from './policies.service.js';

@Module({
  providers: [ConsentRepository, ConsentLedger, ErasureHashes, PoliciesRepository, Policies],
  exports: [ConsentLedger, ErasureHashes, Policies],
})
export class ConsentModule {}
