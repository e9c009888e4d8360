export { clientOf } from './client.js';
export { ConsentLedger } from './consent-ledger.service.js';
export { ConsentModule } from './consent.module.js';
export type { ConsentAct, ConsentProof, ConsentRecord, ConsentRow } from './consent.types.js';
export { ErasureHashes } from './erasure-hashes.service.js';
export { verify, type Verdict } from './ledger-hash.js';
