import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { DeliveryModule, RelaysModule } from '../delivery/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { AlertMails } from './alert-mails.service.js';
import { AlertsPersonalData } from './alerts.personal-data.js';
import { AlertsRepository } from './alerts.repository.js';
import { Alerts } from './alerts.service.js';
import { ALERT_FACTS, type AlertFacts } from './alerts.types.js';

/** What every process knows of alerts: when they have had their time. */
@Module({ providers: [AlertsPersonalData] })
export class AlertsModule {}

/** What finds trouble and tells the operator; for worker processes. */
@Module({})
export class AlertWatchModule {
  /** @param facts looks up what alerts are about */
  static withFacts(facts: Type<AlertFacts>): DynamicModule {
    return {
      module: AlertWatchModule,
      imports: [DeliveryModule, RelaysModule, SubscribersModule],
      providers: [AlertMails, Alerts, AlertsRepository, { provide: ALERT_FACTS, useClass: facts }],
      exports: [AlertMails, Alerts],
    };
  }
}
