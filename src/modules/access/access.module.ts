import { Global, Module } from '@nestjs/common';
import { AUTHENTICATOR } from '../../platform/http/index.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeys } from './api-keys.service.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { KeyAuthenticator } from './key-authenticator.service.js';

@Global()
@Module({
  providers: [
    ApiKeysRepository,
    ApiKeys,
    AuditLogRepository,
    KeyAuthenticator,
    { provide: AUTHENTICATOR, useExisting: KeyAuthenticator },
  ],
  exports: [ApiKeys, AUTHENTICATOR],
})
export class AccessModule {}
