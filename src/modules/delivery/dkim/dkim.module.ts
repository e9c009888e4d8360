import { Resolver } from 'node:dns/promises';
import { Module } from '@nestjs/common';
import { KeyRing } from '../../../platform/crypto/index.js';
import { DkimKeysRepository } from './dkim-keys.repository.js';
import { DkimKeys } from './dkim-keys.service.js';

/** Mail waits for the answer while a key is being replaced, so it is a short while. */
const LOOK_UP = { timeout: 1_000, tries: 2 };

@Module({
  providers: [
    DkimKeysRepository,
    {
      provide: DkimKeys,
      inject: [DkimKeysRepository, KeyRing],
      useFactory: (repository: DkimKeysRepository, keyRing: KeyRing) => {
        const resolver = new Resolver(LOOK_UP);
        return new DkimKeys(repository, keyRing, (name) => resolver.resolveTxt(name));
      },
    },
  ],
  exports: [DkimKeys],
})
export class DkimModule {}
