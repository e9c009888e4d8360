export { Batches } from './batches.service.js';
export { DeliveryEngineModule, DeliveryModule } from './delivery.module.js';
export { NewsProcessor, OrdersProcessor, ServiceProcessor } from './delivery.processors.js';
export type {
  Audience,
  BatchView,
  DeliveryView,
  MessageContent,
  MessageRecipient,
  MessageView,
  NewBatch,
  NewMessage,
} from './delivery.types.js';
export { Messages } from './messages.service.js';
