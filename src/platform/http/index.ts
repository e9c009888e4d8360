export { ApiError, conflict, invalid, invalidFields, notFound, tooMany } from './api-error.js';
export {
  callerOf,
  AUTHENTICATOR,
  Needs,
  Public,
  scopes,
  type Authenticator,
  type Caller,
} from './authentication.js';
export { requireSender } from './authentication-caller.js';
export { itemError, refusedItem } from './batch-items.js';
export { LARGEST_BODY, TakesBody, TakesFile } from './body-limits.js';
export type { ErrorPages } from './error.filter.js';
export { createHttpApp, HttpModule } from './http-app.js';
export { IDEMPOTENCY_HOURS, Once, type Answer } from './once.js';
export { pageOf, pageQuery, toPage, type Page, type PageQuery } from './paging.js';
export { FailureLimit, PublicRateLimit } from './rate-limit.guard.js';
export { SharedRateLimits } from './rate-limit.js';
export { detailsOf } from './validation-details.js';
