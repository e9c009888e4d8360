import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule, keysControllers } from '../modules/access/index.js';
import { AlertsModule } from '../modules/alerts/index.js';
import { BouncesModule, mailHookControllers } from '../modules/bounces/index.js';
import { CampaignsModule, campaignsControllers } from '../modules/campaigns/index.js';
import { RelaysModule, relaysControllers } from '../modules/delivery/index.js';
import { EmailsModule, emailsControllers } from '../modules/emails/index.js';
import { ImportsModule, importsControllers } from '../modules/imports/index.js';
import { InboundModule } from '../modules/inbound/index.js';
import { InboxModule } from '../modules/inbox/index.js';
import { Lists, ListsModule, listsControllers } from '../modules/lists/index.js';
import { OptInPagesModule, optInControllers } from '../modules/opt-in/index.js';
import { OrdersModule, ordersControllers } from '../modules/orders/index.js';
import {
  PolicyPagesModule,
  policyControllers,
  PrivacyModule,
  privacyControllers,
} from '../modules/privacy/index.js';
import { ReportsModule, reportsControllers } from '../modules/reports/index.js';
import { SubscribersModule, subscribersControllers } from '../modules/subscribers/index.js';
import { LIST_NAMES, SuppressionModule, suppressionControllers } from '../modules/suppression/index.js';
import { TemplatesModule, templatesControllers } from '../modules/templates/index.js';
import { UnsubscribePagesModule, unsubscribeControllers } from '../modules/unsubscribe/index.js';
import { WebhooksModule, webhooksControllers } from '../modules/webhooks/index.js';
import { HttpModule } from '../platform/http/index.js';
import { PagesModule } from '../platform/pages/index.js';
import { core, type ProcessOptions } from './core.js';
import { HealthController } from './health.controller.js';
import { HomeController } from './home.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Setup } from './setup.js';

const controllers = [
  HealthController,
  HomeController,
  MetricsController,
  ...listsControllers,
  ...optInControllers,
  ...unsubscribeControllers,
  ...subscribersControllers,
  ...privacyControllers,
  ...policyControllers,
  ...suppressionControllers,
  ...reportsControllers,
  ...ordersControllers,
  ...emailsControllers,
  ...templatesControllers,
  ...campaignsControllers,
  ...relaysControllers,
  ...importsControllers,
  ...webhooksControllers,
  ...keysControllers,
  ...mailHookControllers,
];

/** The process that answers HTTP: the API, the public pages, the built-in inbox. It works on no queue. */
@Module({})
export class ApiModule {
  static forRoot(options: ProcessOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ...core(options, []),
        HttpModule,
        PagesModule,
        AccessModule,
        ListsModule,
        SubscribersModule,
        PrivacyModule,
        PolicyPagesModule,
        SuppressionModule,
        ReportsModule,
        OptInPagesModule,
        UnsubscribePagesModule,
        EmailsModule,
        TemplatesModule,
        OrdersModule,
        CampaignsModule,
        RelaysModule,
        ImportsModule,
        InboundModule,
        BouncesModule,
        InboxModule,
        AlertsModule,
        WebhooksModule,
      ],
      controllers,
      providers: [Setup, { provide: LIST_NAMES, useExisting: Lists }],
    };
  }
}
