export { ApiError, conflict, invalid, invalidFields, notFound } from './api-error.js';
export { AUTHENTICATOR, Needs, Public, scopes, type Authenticator, type Caller } from './authentication.js';
export type { ErrorPages } from './error.filter.js';
export { createHttpApp, HttpModule } from './http-app.js';
export { IDEMPOTENCY_HOURS, Once, type Answer } from './once.js';
export { pageOf, pageQuery, toPage, type Page, type PageQuery } from './paging.js';
export { FailureLimit, PublicRateLimit } from './rate-limit.guard.js';
export { toApiError } from './to-api-error.js';
export { detailsOf } from './validation-details.js';
