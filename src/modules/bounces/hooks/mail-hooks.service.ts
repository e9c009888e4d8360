import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { ApiError } from '../../../platform/http/index.js';
import { MailProviders } from '../providers/index.js';
import { Unproven, type MailHook, type MailProvider, type Proven } from '../providers/mail-provider.js';
import { HookIntake } from './hook-intake.js';

/** Webhooks of mail providers: proven, then stored. What they say is read by a worker. */
@Injectable()
export class MailHooks {
  constructor(
    private readonly config: Config,
    private readonly providers: MailProviders,
    private readonly intake: HookIntake,
  ) {}

  /**
   * Checks and stores a webhook; committed when it returns. The same one again changes nothing.
   * @returns whether it was new
   * @throws 404 for a provider that is unknown or not set up, 401 for one that proves nothing, 400 for what is no webhook of it
   */
  async receive(name: string, hook: MailHook): Promise<boolean> {
    const provider = this.providers.named(name);
    if (!provider) {
      throw new ApiError(
        404,
        'not_found',
        `There is no mail provider "${name}"; there are ${this.providers.list()}`,
      );
    }
    this.checkIsSetUp(provider);
    this.checkPassword(provider, hook);
    const { content, signedAt, nonce } = await this.proven(provider, hook);
    this.checkAge(provider, signedAt);
    const body = isJsonText(hook) ? hook.raw : Buffer.from(JSON.stringify(content));
    const intaken = await this.intake.take({
      id: newId(),
      provider: provider.name,
      sha256: sha256(body),
      nonce: nonce === null || this.config.env.MAIL_HOOK_MAX_AGE_MINUTES === 0 ? null : sha256(nonce),
      body,
    });
    if (intaken === 'replayed') throw unproven(provider, 'its token has been used for something else');
    return intaken === 'stored';
  }

  private checkIsSetUp({ name, authSetting, keySetting, alwaysSigns }: MailProvider): void {
    const { env } = this.config;
    const wanted = [...(alwaysSigns ? [] : [authSetting]), ...(keySetting ? [keySetting] : [])];
    if (wanted.some((setting) => env[setting] !== undefined)) return;
    throw new ApiError(404, 'not_found', `Webhooks of ${name} are not set up: set ${wanted.join(' or ')}`);
  }

  private checkPassword(provider: MailProvider, { headers }: MailHook): void {
    const credentials = this.config.env[provider.authSetting];
    if (credentials === undefined) return;
    const [, given = ''] = /^Basic\s+([\w+/=-]{1,1000})\s*$/i.exec(headers.authorization ?? '') ?? [];
    const hash = sha256(Buffer.from(given, 'base64'));
    // Compared as hashes: their length tells nothing, and no comparison ends early.
    const matches = credentials.split(',').filter((one) => timingSafeEqual(sha256(one.trim()), hash));
    if (matches.length === 0)
      throw unproven(provider, `name and password are not those of ${provider.authSetting}`);
  }

  private async proven(provider: MailProvider, hook: MailHook): Promise<Proven> {
    const key = provider.keySetting && this.config.env[provider.keySetting];
    try {
      return await provider.prove(hook, key);
    } catch (error) {
      if (!(error instanceof Unproven)) throw error;
      throw unproven(provider, error.message, error.malformed);
    }
  }

  /** Looked at only after the signature: before, the time says nothing. */
  private checkAge(provider: MailProvider, signedAt: Date | null): void {
    const limit = this.config.env.MAIL_HOOK_MAX_AGE_MINUTES;
    if (signedAt === null || limit === 0) return;
    const minutes = (Date.now() - signedAt.getTime()) / 60_000;
    if (Math.abs(minutes) <= limit) return;
    const problem =
      minutes > 0
        ? `it was signed ${Math.round(minutes)} minutes ago`
        : `it was signed ${Math.round(-minutes)} minutes ahead of the clock here`;
    throw unproven(provider, Number.isNaN(minutes) ? 'the time of its signature cannot be read' : problem);
  }
}

function unproven({ name }: MailProvider, problem: string, malformed = false): ApiError {
  return malformed
    ? new ApiError(400, 'malformed_webhook', `Not a webhook of ${name}: ${problem}`)
    : new ApiError(401, 'unproven_webhook', `Not a webhook of ${name}: ${problem}`);
}

/** A form is stored as JSON; JSON is stored as it came. */
function isJsonText({ headers, raw }: MailHook): boolean {
  return raw.length > 0 && /^(application\/json|text\/plain)\b/i.test(headers['content-type'] ?? '');
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
