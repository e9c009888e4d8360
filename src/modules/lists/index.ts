import { ListsController } from './lists.controller.js';

export { ListsModule } from './lists.module.js';
export { Lists } from './lists.service.js';
export type { Brand, List, Sender } from './lists.types.js';
export { Senders } from './senders.service.js';
export { formTexts, readLink, sendPage, visitorLanguage, wishedLocale } from './visitor-pages.js';
export const listsControllers = [ListsController];
