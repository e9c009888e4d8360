import { Module } from '@nestjs/common';
import { InboxController } from './inbox.controller.js';
import { InboxPersonalData } from './inbox.personal-data.js';
import { InboxRepository } from './inbox.repository.js';
import { INBOX_STORE } from './inbox.types.js';

/** The pages at `/inbox` and the store behind them; needs the global modules of config, database and pages. */
@Module({
  controllers: [InboxController],
  providers: [{ provide: INBOX_STORE, useClass: InboxRepository }, InboxPersonalData],
  exports: [INBOX_STORE],
})
export class InboxModule {}
