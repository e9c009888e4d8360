import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { ListsModule } from '../lists/index.js';
import { Erasure } from './erasure.service.js';
import { PeopleRepository } from './people.repository.js';
import { People } from './people.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { Subscriptions } from './subscriptions.service.js';

@Module({
  imports: [ConsentModule, ListsModule],
  providers: [PeopleRepository, People, SubscriptionsRepository, Subscriptions, Erasure],
  exports: [People, Subscriptions, Erasure],
})
export class SubscribersModule {}
