import { DomainCapsController } from './quotas/domain-caps.controller.js';
import { RelaysController } from './relays/relays.controller.js';

export { BatchDeliveries } from './batch-deliveries.repository.js';
export { BatchResend } from './batch-resend.repository.js';
export { Batches } from './batches.service.js';
export { DeliveryEngineModule, DeliveryModule } from './delivery.module.js';
export { NewsProcessor, OrdersProcessor, ServiceProcessor } from './delivery.processors.js';
export { dkimCommand } from './dkim/dkim-command.js';
export { DkimKeys, type DkimKey } from './dkim/dkim-keys.service.js';
export { DkimModule } from './dkim/dkim.module.js';
export type {
  Audience,
  BatchView,
  MessageContent,
  MessageRecipient,
  MessageView,
  NoticeVariables,
} from './delivery.types.js';
export { newsVariables } from './mail-variables.js';
export { MessageMoves } from './message-moves.service.js';
export { Messages } from './messages.service.js';
export { attachedFile, attachments } from './attachments/attachment.schemas.js';
export { DeliveryOutcomes } from './outcomes/delivery-outcomes.service.js';
export type { FoundDelivery, ToldOutcome } from './outcomes/outcomes.types.js';
export { BatchReports } from './report.repository.js';
export { NONE } from './report.js';
export { RelaysModule } from './relays/relays.module.js';
export type { Relay } from './relays/relay.types.js';
export { Relays } from './relays/relays.service.js';
export { Sandbox } from './sandbox/sandbox.js';
export { readRelay, type RelaySettings } from './smtp/relay-settings.js';
export { signIn } from './smtp/sign-in.js';
export { RFC5321_TIMEOUTS } from './smtp/timeouts.js';
export { BounceAddresses } from './verp/bounce-addresses.js';
export { LEAVE_SUBJECT, LeaveAddresses } from './verp/leave-addresses.js';
export { VerpModule } from './verp/verp.module.js';
export const relaysControllers = [RelaysController, DomainCapsController];
