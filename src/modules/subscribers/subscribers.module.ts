import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { ListsModule } from '../lists/index.js';
import { AdmissionsRepository } from './admissions.repository.js';
import { Admissions } from './admissions.service.js';
import { ChoicesPersonalData } from './choices.personal-data.js';
import { ChoicesRepository } from './choices.repository.js';
import { Choices } from './choices.service.js';
import { FreshLinksRepository } from './fresh-links.repository.js';
import { FreshLinks } from './fresh-links.service.js';
import { PeopleRepository } from './people.repository.js';
import { People } from './people.service.js';
import { SubscribersPersonalData } from './subscribers.personal-data.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { Subscriptions } from './subscriptions.service.js';

@Module({
  imports: [ConsentModule, ListsModule],
  providers: [
    PeopleRepository,
    People,
    SubscriptionsRepository,
    Subscriptions,
    SubscribersPersonalData,
    ChoicesRepository,
    Choices,
    ChoicesPersonalData,
    FreshLinksRepository,
    FreshLinks,
    AdmissionsRepository,
    Admissions,
  ],
  exports: [Admissions, People, Subscriptions, Choices, FreshLinks],
})
export class SubscribersModule {}
