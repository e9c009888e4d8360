import { AddressController } from './address.controller.js';
import { AskLinkController } from './ask-link.controller.js';
import { NewAddressController } from './new-address.controller.js';
import { PreferencesController } from './preferences.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

export { LinksProcessor } from './links.processor.js';
export { UnsubscribeModule, UnsubscribePagesModule } from './unsubscribe.module.js';
export { Unsubscribe } from './unsubscribe.service.js';
export const unsubscribeControllers = [
  UnsubscribeController,
  PreferencesController,
  AskLinkController,
  AddressController,
  NewAddressController,
];
