export type { Brand } from './brand.js';
export { isColour } from './colour.js';
export { Pages } from './pages.js';
export type { RenderedPage } from './pages.js';
export type {
  InboxListing,
  InboxPageData,
  InboxRow,
  InboxView,
  ListChoice,
  PageData,
  PageName,
  PublicPageData,
  SubscribeErrors,
} from './page-data.js';
