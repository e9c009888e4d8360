import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRate } from '../../domain/index.js';
import { ApiError } from './api-error.js';
import { KeyRateLimit } from './rate-limit-of-key.js';
import { FailureLimit } from './rate-limit.guard.js';

/** What an API key may do. A call names the one scope that it needs. */
export const scopes = [
  'lists',
  'subscriptions',
  'subscribers',
  'orders',
  'emails',
  'campaigns',
  'templates',
  'suppressions',
  'relays',
  'reports',
  'webhooks',
  'policies',
  'keys',
] as const;
export type Scope = (typeof scopes)[number];

export interface Caller {
  readonly apiKeyId: string;
  /** What the key is called, for the errors that speak of it. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** Slugs of the senders that it may send as; null: all. */
  readonly senders: readonly string[] | null;
  readonly rate: KeyRate | null;
}

/** What platform needs of the module `access`: whose key is this? */
export interface Authenticator {
  /**
   * The caller behind a secret; undefined when it is unknown.
   * @param ip of whoever asks, as TRUST_PROXY has it
   * @throws 401 for a key that is revoked or has expired, 403 for one that may not be used from there
   */
  authenticate(secret: string, ip: string): Promise<Caller | undefined>;
}
export const AUTHENTICATOR = Symbol('AUTHENTICATOR');

const PUBLIC = 'postrider:public';
const SCOPE = 'postrider:scope';

/** A route for everybody: public pages, health, documentation. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(PUBLIC, true);

/** A route for API keys with this scope. A route with neither mark answers 403, so that none is open by mistake. */
export const Needs = (scope: Scope): ClassDecorator & MethodDecorator => SetMetadata(SCOPE, scope);

const callers = new WeakMap<FastifyRequest, Caller>();

export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    private readonly failures: FailureLimit,
    private readonly rates: KeyRateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const caller = await this.authenticate(request);
    if (caller.rate !== null)
      await this.rates.count({ ...caller, rate: caller.rate }, http.getResponse<FastifyReply>());
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(SCOPE, targets);
    if (scope === undefined || !caller.scopes.includes(scope)) {
      throw new ApiError(403, 'missing_scope', `This API key lacks the scope "${scope ?? 'none'}"`);
    }
    callers.set(request, caller);
    return true;
  }

  private async authenticate(request: FastifyRequest): Promise<Caller> {
    const header = request.headers.authorization;
    if (header === undefined) {
      throw new ApiError(401, 'missing_api_key', 'Send the API key as "Authorization: Bearer pr_…"');
    }
    const secret = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
    const caller =
      secret === undefined ? undefined : await this.authenticator.authenticate(secret, request.ip);
    if (!caller) {
      await this.failures.count('api-key', request);
      throw new ApiError(401, 'invalid_api_key', 'This API key is unknown');
    }
    return caller;
  }
}
