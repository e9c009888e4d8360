export { CryptoModule } from './crypto.module.js';
export { KeyRing, keyPurposes, RotationError, type KeyPurpose } from './key-ring.js';
export { SignedLocalParts } from './signed-local-parts.js';
export { LinkTokens, type LinkToken, type TokenPurpose } from './tokens.js';
