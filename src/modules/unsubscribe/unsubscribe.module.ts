import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { DeliveryModule, VerpModule } from '../delivery/index.js';
import { InboundModule } from '../inbound/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { AddressChange } from './address-change.service.js';
import { LinkRequestsPersonalData } from './links.personal-data.js';
import { LinkRequestsRepository } from './links.repository.js';
import { Links } from './links.service.js';
import { Preferences } from './preferences.service.js';
import { UndoSeal } from './undo-seal.js';
import { RequestsByMail } from './mailto.requests.js';
import { LeaveByMail } from './mailto.route.js';
import { Unsubscribe } from './unsubscribe.service.js';
import { Visit } from './visit.js';

/** What works in any process: leaving, and the links that go out by mail. */
@Module({
  imports: [InboundModule, VerpModule, ConsentModule, DeliveryModule, SubscribersModule],
  providers: [
    LeaveByMail,
    RequestsByMail,
    Unsubscribe,
    LinkRequestsRepository,
    Links,
    LinkRequestsPersonalData,
  ],
  exports: [Unsubscribe, Links],
})
export class UnsubscribeModule {}

/** The same with what the pages need, which only the API process has. */
@Module({
  imports: [UnsubscribeModule, ConsentModule, ListsModule, SubscribersModule],
  providers: [Visit, UndoSeal, Preferences, AddressChange],
  exports: [UnsubscribeModule, Visit, UndoSeal, Preferences, AddressChange],
})
export class UnsubscribePagesModule {}
