import { Module } from '@nestjs/common';
import { ListsRepository } from './lists.repository.js';
import { Lists } from './lists.service.js';
import { SendersRepository } from './senders.repository.js';
import { Senders } from './senders.service.js';

@Module({
  providers: [ListsRepository, Lists, SendersRepository, Senders],
  exports: [Lists, Senders],
})
export class ListsModule {}
