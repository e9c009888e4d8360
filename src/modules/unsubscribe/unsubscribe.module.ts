import { Module } from '@nestjs/common';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { Unsubscribe } from './unsubscribe.service.js';

@Module({
  imports: [ListsModule, SubscribersModule],
  providers: [Unsubscribe],
  exports: [Unsubscribe],
})
export class UnsubscribeModule {}
