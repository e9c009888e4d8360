import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { DeliveryModule } from '../delivery/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { SuppressionModule } from '../suppression/index.js';
import { Confirmations } from './confirmations.service.js';
import { ConsentNotes } from './consent-notes.js';
import { FormSeal } from './form-seal.js';
import { MailDomains } from './mail-domains.js';
import { OptInMail } from './opt-in-mail.js';
import { OptInMailing } from './opt-in-mailing.js';
import { OptInPersonalData } from './opt-in.personal-data.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { OptInRequests } from './opt-in-requests.service.js';
import { OptIn } from './opt-in.service.js';
import { Reminders } from './reminders.service.js';
import { SignUpsRepository } from './sign-ups.repository.js';
import { SignUps } from './sign-ups.service.js';
import { UnconfirmedRepository } from './unconfirmed.repository.js';
import { Unconfirmed } from './unconfirmed.service.js';

@Module({
  imports: [ConsentModule, DeliveryModule, ListsModule, SubscribersModule, SuppressionModule],
  providers: [
    Confirmations,
    ConsentNotes,
    FormSeal,
    MailDomains,
    OptIn,
    OptInMail,
    OptInMailing,
    OptInPersonalData,
    OptInRequests,
    OptInRequestsRepository,
    Reminders,
    SignUps,
    SignUpsRepository,
    Unconfirmed,
    UnconfirmedRepository,
  ],
  exports: [Confirmations, FormSeal, MailDomains, OptIn, OptInMailing, Reminders, SignUps],
})
export class OptInModule {}
