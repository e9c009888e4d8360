import { DomainCapsController } from './quotas/domain-caps.controller.js';
import { RelaysController } from './relays/relays.controller.js';

export { BatchDeliveries } from './batch-deliveries.repository.js';
export { BatchResend } from './batch-resend.repository.js';
export { Batches } from './batches.service.js';
export { DeliveryEngineModule, DeliveryModule } from './delivery.module.js';
export { NewsProcessor, OrdersProcessor, ServiceProcessor } from './delivery.processors.js';
export { dkimCommand } from './dkim/dkim-command.js';
export { DkimKeys } from './dkim/dkim-keys.service.js';
export { DkimModule } from './dkim/dkim.module.js';
export type { Audience, BatchView, MessageContent, MessageRecipient } from './delivery.types.js';
export { newsVariables } from './mail-variables.js';
export { Messages } from './messages.service.js';
export { BatchReports } from './report.repository.js';
export { NONE } from './report.js';
export { RelaysModule } from './relays/relays.module.js';
export { Relays } from './relays/relays.service.js';
export const relaysControllers = [RelaysController, DomainCapsController];
