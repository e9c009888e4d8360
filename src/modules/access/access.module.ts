import { Global, Module } from '@nestjs/common';
import { AUTHENTICATOR } from '../../platform/http/index.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeys } from './api-keys.service.js';

@Global()
@Module({
  providers: [ApiKeysRepository, ApiKeys, { provide: AUTHENTICATOR, useExisting: ApiKeys }],
  exports: [ApiKeys, AUTHENTICATOR],
})
export class AccessModule {}
