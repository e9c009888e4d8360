export { CryptoModule } from './crypto.module.js';
export { KeyRing, RotationError } from './key-ring.js';
export { keyPurposes, type KeyPurpose } from './key-store.js';
export { SignedLocalParts } from './signed-local-parts.js';
export { LinkTokens, type LinkToken, type TokenPurpose } from './tokens.js';
