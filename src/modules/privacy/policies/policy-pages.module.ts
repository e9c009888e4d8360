import { Module } from '@nestjs/common';
import { ConsentModule } from '../../consent/index.js';
import { ListsModule } from '../../lists/index.js';
import { SubscribersModule } from '../../subscribers/index.js';
import { ConsentProofPages } from './consent-proof-pages.js';
import { PolicyNoticesModule } from './policy-notices.module.js';

/** What only a process with pages needs: the policy to read and to agree to, the proof of one person. */
@Module({
  imports: [ConsentModule, ListsModule, PolicyNoticesModule, SubscribersModule],
  providers: [ConsentProofPages],
  exports: [ConsentModule, ConsentProofPages, ListsModule, PolicyNoticesModule, SubscribersModule],
})
export class PolicyPagesModule {}
