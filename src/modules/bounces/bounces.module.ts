import { Module } from '@nestjs/common';
import { DeliveryModule, VerpModule } from '../delivery/index.js';
import { SuppressionModule } from '../suppression/index.js';
import { BounceMails } from './act/bounce-mails.service.js';
import { BounceRoute } from './act/bounce.route.js';
import { FeedbackRoute } from './act/feedback.route.js';
import { MailEvents } from './act/mail-events.service.js';
import { HookWork } from './hooks/hook-work.service.js';
import { mailHookParts } from './hooks/index.js';
import { MailHooks } from './hooks/mail-hooks.service.js';
import { ProviderRequestsModule } from './hooks/provider-requests.module.js';

/** Hears what became of our mails, and acts on it. The routes are found by module `inbound`. */
@Module({
  imports: [DeliveryModule, ProviderRequestsModule, SuppressionModule, VerpModule],
  providers: [BounceMails, BounceRoute, FeedbackRoute, MailEvents, ...mailHookParts],
  exports: [HookWork, MailEvents, MailHooks, ProviderRequestsModule],
})
export class BouncesModule {}
