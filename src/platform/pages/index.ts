export type { Brand } from './brand.js';
export { Pages } from './pages.js';
export { PagesModule } from './pages.module.js';
export type { LanguageLink, PageLook, RenderedPage } from './pages.js';
export type {
  InboxListing,
  InboxPageData,
  InboxRow,
  InboxView,
  PageData,
  PageName,
  PublicPageData,
  ShownPolicy,
  SubscribeErrors,
  TextRun,
} from './page-data.js';
