export { Batches } from './batches.service.js';
export { DeliveryEngineModule, DeliveryModule } from './delivery.module.js';
export { NewsProcessor, OrdersProcessor, ServiceProcessor } from './delivery.processors.js';
export { dkimCommand } from './dkim/dkim-command.js';
export { DkimKeys } from './dkim/dkim-keys.service.js';
export { DkimModule } from './dkim/dkim.module.js';
export type { Audience, MessageContent, MessageRecipient } from './delivery.types.js';
export { newsVariables } from './mail-variables.js';
export { Messages } from './messages.service.js';
