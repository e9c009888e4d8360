import { Global, Module } from '@nestjs/common';
import { Config } from '../config/index.js';
import { Database } from '../database/index.js';
import { KeyRing } from './key-ring.js';
import { loadSecretKey } from './secret-key.js';
import { LinkTokens } from './tokens.js';

@Global()
@Module({
  providers: [
    {
      provide: KeyRing,
      inject: [Config, Database],
      useFactory: (config: Config, db: Database) => KeyRing.load(db, loadSecretKey(config)),
    },
    { provide: LinkTokens, inject: [KeyRing], useFactory: (keys: KeyRing) => new LinkTokens(keys) },
  ],
  exports: [KeyRing, LinkTokens],
})
export class CryptoModule {}
