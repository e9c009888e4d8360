export { CryptoModule } from './crypto.module.js';
export { KeyRing } from './key-ring.js';
export { LinkTokens, type LinkToken, type TokenPurpose } from './tokens.js';
