export { CryptoModule } from './crypto.module.js';
export { KeyRing, type KeyPurpose } from './key-ring.js';
export { loadSecretKey } from './secret-key.js';
export { LinkTokens, type LinkToken, type TokenPurpose } from './tokens.js';
