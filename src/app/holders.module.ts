import { Module } from '@nestjs/common';
import { AlertsModule } from '../modules/alerts/index.js';
import { ProviderRequestsModule } from '../modules/bounces/index.js';
import { ConsentModule } from '../modules/consent/index.js';
import { DeliveryModule } from '../modules/delivery/index.js';
import { ImportsModule } from '../modules/imports/index.js';
import { InboundModule } from '../modules/inbound/index.js';
import { InboxPersonalData } from '../modules/inbox/index.js';
import { OptInModule } from '../modules/opt-in/index.js';
import { OrdersModule } from '../modules/orders/index.js';
import { PrivacyModule } from '../modules/privacy/index.js';
import { ReportsModule } from '../modules/reports/index.js';
import { SubscribersModule } from '../modules/subscribers/index.js';
import { SuppressionModule } from '../modules/suppression/index.js';
import { UnsubscribeModule } from '../modules/unsubscribe/index.js';
import { WebhooksModule } from '../modules/webhooks/index.js';

/**
 * Every module that holds something about people, for a process without HTTP that lets go of it. A test compares it with what the API has.
 */
@Module({
  imports: [
    AlertsModule,
    ConsentModule,
    DeliveryModule,
    ImportsModule,
    InboundModule,
    OptInModule,
    OrdersModule,
    PrivacyModule,
    ReportsModule,
    ProviderRequestsModule,
    SubscribersModule,
    SuppressionModule,
    UnsubscribeModule,
    WebhooksModule,
  ],
  providers: [InboxPersonalData],
  exports: [PrivacyModule],
})
export class HoldersModule {}
