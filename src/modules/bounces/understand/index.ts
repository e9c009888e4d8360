export { understandBounce } from './understand.js';
export type { BounceKind, ReturnedIdentity, Understood, UnderstoodRecipient } from './understood.js';
