import { Module } from '@nestjs/common';
import { ConsentLedger } from './consent-ledger.service.js';
import { ConsentRepository } from './consent.repository.js';
import { ErasureHashes } from './erasure-hashes.service.js';

@Module({
  providers: [ConsentRepository, ConsentLedger, ErasureHashes],
  exports: [ConsentLedger, ErasureHashes],
})
export class ConsentModule {}
