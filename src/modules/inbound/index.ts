export { automaticSign } from './automatic-mail.js';
export { inboundCommand } from './inbound-command.js';
export { InboundListener } from './inbound-listener.js';
export { GroupRoute, InboundRoute, type Handled, type InboundMail } from './inbound-route.js';
export { InboundWork } from './inbound-work.service.js';
export { InboundModule } from './inbound.module.js';
export { InboundProcessor } from './inbound.processor.js';
export { InboundRepository } from './inbound.repository.js';
