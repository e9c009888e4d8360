import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { AudienceRepository } from './audience.repository.js';
import { Audience } from './audience.service.js';
import { Erasure } from './erasure.service.js';
import { PersonalExport } from './personal-export.service.js';
import { PolicyNoticesModule } from './policies/policy-notices.module.js';
import { QuietCustomers } from './quiet-customers.js';
import { RetentionRepository } from './retention.repository.js';
import { Retention } from './retention.service.js';
import { PlatformPersonalData } from './platform.personal-data.js';

@Module({
  imports: [PolicyNoticesModule, ConsentModule, ListsModule, SubscribersModule],
  providers: [
    Audience,
    AudienceRepository,
    Erasure,
    PersonalExport,
    PlatformPersonalData,
    QuietCustomers,
    Retention,
    RetentionRepository,
  ],
  exports: [Audience, ConsentModule, Erasure, PersonalExport, PolicyNoticesModule, Retention],
})
export class PrivacyModule {}
