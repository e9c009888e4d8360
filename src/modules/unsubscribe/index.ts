import { PreferencesController } from './preferences.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

export { UnsubscribeModule } from './unsubscribe.module.js';
export const unsubscribeControllers = [UnsubscribeController, PreferencesController];
