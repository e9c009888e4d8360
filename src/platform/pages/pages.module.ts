import { fileURLToPath } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { Config } from '../config/index.js';
import { Pages } from './pages.js';

/** `pages/` lies as far above this file in the sources as in the build. */
const FOLDER = fileURLToPath(new URL('../../../pages', import.meta.url));

@Global()
@Module({
  providers: [
    {
      provide: Pages,
      useFactory: (config: Config) => Pages.load(FOLDER, config.env.TIMEZONE),
      inject: [Config],
    },
  ],
  exports: [Pages],
})
export class PagesModule {}
