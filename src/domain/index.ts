export * from './address.js';
export * from './campaign-life.js';
export * from './delivery-life.js';
export * from './ids.js';
export * from './retry.js';
export * from './smtp-reply.js';
