export { clientOf, truncateIp } from './client.js';
export { ConsentLedger } from './consent-ledger.service.js';
export { ConsentModule } from './consent.module.js';
export type { ConsentProof, ConsentRow } from './consent.types.js';
export { ErasureHashes } from './erasure-hashes.service.js';
export { Policies } from './policies.service.js';
export type { NewPolicy, Policy, PolicyHead } from './policies.types.js';
export { verify } from './ledger-hash.js';
