import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { Erasure } from './erasure.service.js';
import { PersonalExport } from './personal-export.service.js';
import { PolicyNoticesModule } from './policies/policy-notices.module.js';
import { PlatformPersonalData } from './platform.personal-data.js';

@Module({
  imports: [PolicyNoticesModule, ConsentModule, SubscribersModule],
  providers: [Erasure, PersonalExport, PlatformPersonalData],
  exports: [Erasure, PersonalExport],
})
export class PrivacyModule {}
