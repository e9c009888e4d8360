import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/index.js';
import { ApiError } from '../../../platform/http/index.js';
import { MailProviders } from '../providers/index.js';
import type { MailProvider } from '../providers/mail-provider.js';

/** Who posts a webhook, as far as that can be told before its body is read. */
@Injectable()
export class HookCallers {
  constructor(
    private readonly config: Config,
    private readonly providers: MailProviders,
  ) {}

  /**
   * @param name as it stands in the URL
   * @throws 404 for a provider that is unknown or not set up, 401 where name and password are wrong
   */
  check(name: string, headers: IncomingHttpHeaders): MailProvider {
    const provider = this.providers.named(name);
    if (!provider) {
      throw new ApiError(
        404,
        'not_found',
        `There is no mail provider "${name}"; there are ${this.providers.list()}`,
      );
    }
    this.checkIsSetUp(provider);
    this.checkPassword(provider, headers);
    return provider;
  }

  private checkIsSetUp({ name, authSetting, keySetting, alwaysSigns }: MailProvider): void {
    const { env } = this.config;
    const wanted = [...(alwaysSigns ? [] : [authSetting]), ...(keySetting ? [keySetting] : [])];
    if (wanted.some((setting) => env[setting] !== undefined)) return;
    throw new ApiError(404, 'not_found', `Webhooks of ${name} are not set up: set ${wanted.join(' or ')}`);
  }

  private checkPassword(provider: MailProvider, { authorization = '' }: IncomingHttpHeaders): void {
    const credentials = this.config.env[provider.authSetting];
    if (credentials === undefined) return;
    const [, given = ''] = /^Basic\s+([\w+/=-]{1,1000})\s*$/i.exec(authorization) ?? [];
    const hashed = sha256(Buffer.from(given, 'base64'));
    // Compared as hashes: their length tells nothing, and no comparison ends early.
    const matches = credentials.split(',').filter((one) => timingSafeEqual(sha256(one.trim()), hashed));
    if (matches.length === 0)
      throw unproven(provider, `name and password are not those of ${provider.authSetting}`);
  }
}

export function unproven({ name }: MailProvider, problem: string, malformed = false): ApiError {
  return malformed
    ? new ApiError(400, 'malformed_webhook', `Not a webhook of ${name}: ${problem}`)
    : new ApiError(401, 'unproven_webhook', `Not a webhook of ${name}: ${problem}`);
}

export const sha256 = (data: string | Buffer): Buffer => hash('sha256', data, 'buffer');
