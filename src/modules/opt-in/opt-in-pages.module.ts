import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { ListsModule } from '../lists/index.js';
import { OptInModule } from './opt-in.module.js';
import { SignUpPages } from './sign-up-pages.js';

/** What the API process needs besides: pages. A worker has none. */
@Module({
  imports: [ConsentModule, ListsModule, OptInModule],
  providers: [SignUpPages],
  exports: [SignUpPages, ConsentModule, OptInModule],
})
export class OptInPagesModule {}
