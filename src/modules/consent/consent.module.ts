import { Module } from '@nestjs/common';
import { ConsentLedger } from './consent-ledger.service.js';
import { ConsentPersonalData } from './consent.personal-data.js';
import { ConsentProofs } from './consent-proofs.service.js';
import { ConsentRepository } from './consent.repository.js';
import { ErasureHashes } from './erasure-hashes.service.js';
import { LedgerCheck } from './ledger-check.service.js';
import { LedgerSeals } from './ledger-seals.service.js';
import { PoliciesRepository } from './policies.repository.js';
import { Policies } from './policies.service.js';
import { SealsRepository } from './seals.repository.js';

const services = [ConsentLedger, ConsentProofs, ErasureHashes, LedgerCheck, LedgerSeals, Policies];

@Module({
  providers: [ConsentPersonalData, ConsentRepository, PoliciesRepository, SealsRepository, ...services],
  exports: services,
})
export class ConsentModule {}
