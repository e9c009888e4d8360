import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { TemplatesModule } from '../templates/index.js';
import { EmailsBatch } from './emails-batch.service.js';
import { EmailsRepository } from './emails.repository.js';
import { Emails } from './emails.service.js';

@Module({
  imports: [DeliveryModule, ListsModule, SubscribersModule, TemplatesModule],
  providers: [Emails, EmailsBatch, EmailsRepository],
  exports: [Emails, EmailsBatch],
})
export class EmailsModule {}
