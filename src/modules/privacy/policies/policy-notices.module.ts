import { Module } from '@nestjs/common';
import { ConsentModule } from '../../consent/index.js';
import { DeliveryModule } from '../../delivery/index.js';
import { ListsModule } from '../../lists/index.js';
import { SubscribersModule } from '../../subscribers/index.js';
import { TemplatesModule } from '../../templates/index.js';
import { AnnouncementsRepository } from './announcements.repository.js';
import { Announcements } from './announcements.service.js';
import { PoliciesPersonalData } from './policies.personal-data.js';
import { PolicyAcceptance } from './policy-acceptance.service.js';

/** Privacy policies: where they are read, how people are told of a change, and who agreed to it. */
@Module({
  imports: [ConsentModule, DeliveryModule, ListsModule, SubscribersModule, TemplatesModule],
  providers: [Announcements, AnnouncementsRepository, PoliciesPersonalData, PolicyAcceptance],
  exports: [Announcements, PolicyAcceptance],
})
export class PolicyNoticesModule {}
