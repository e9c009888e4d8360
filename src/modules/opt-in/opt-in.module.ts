import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { DeliveryModule } from '../delivery/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { FormSeal } from './form-seal.js';
import { OptInMail } from './opt-in-mail.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { OptIn } from './opt-in.service.js';

@Module({
  imports: [ConsentModule, DeliveryModule, ListsModule, SubscribersModule],
  providers: [FormSeal, OptInRequestsRepository, OptInMail, OptIn],
  exports: [FormSeal, OptIn],
})
export class OptInModule {}
