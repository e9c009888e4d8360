import { Injectable } from '@nestjs/common';
import { newId } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { ApiError } from '../../../platform/http/index.js';
import {
  Unchecked,
  Unproven,
  type MailHook,
  type MailProvider,
  type Proven,
} from '../providers/mail-provider.js';
import { HookCallers, sha256, unproven } from './hook-callers.js';
import { HookIntake } from './hook-intake.js';

const RETRY_SECONDS = 10;

/** Webhooks of mail providers: proven, then stored. What they say is read by a worker. */
@Injectable()
export class MailHooks {
  constructor(
    private readonly config: Config,
    private readonly callers: HookCallers,
    private readonly intake: HookIntake,
  ) {}

  /**
   * Checks and stores a webhook; committed when it returns. The same one again changes nothing.
   * @returns whether it was new
   * @throws 404 for a provider that is unknown or not set up, 401 for one that proves nothing, 400 for what is no webhook of it,
   *   503 where that cannot be told or stored now
   */
  async receive(name: string, hook: MailHook): Promise<boolean> {
    const provider = this.callers.check(name, hook.headers);
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

  private async proven(provider: MailProvider, hook: MailHook): Promise<Proven> {
    const key = provider.keySetting && this.config.env[provider.keySetting];
    try {
      return await provider.prove(hook, key);
    } catch (error) {
      if (error instanceof Unchecked)
        throw new ApiError(503, 'not_checked', `Send it again later: ${error.message}`, [], RETRY_SECONDS);
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

/** A form is stored as JSON; JSON is stored as it came. */
function isJsonText({ headers, raw }: MailHook): boolean {
  return raw.length > 0 && /^(application\/json|text\/plain)\b/i.test(headers['content-type'] ?? '');
}
