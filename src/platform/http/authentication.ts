import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';
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
] as const;
export type Scope = (typeof scopes)[number];

export interface Caller {
  readonly apiKeyId: string;
  readonly scopes: readonly string[];
}

/** What platform needs of the module `access`: whose key is this? */
export interface Authenticator {
  /** The caller behind a secret, or undefined when it is unknown, revoked or expired. */
  authenticate(secret: string): Promise<Caller | undefined>;
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
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.authenticate(request);
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
    const caller = secret === undefined ? undefined : await this.authenticator.authenticate(secret);
    if (!caller) {
      await this.failures.count('api-key', request);
      throw new ApiError(401, 'invalid_api_key', 'This API key is unknown, revoked or expired');
    }
    return caller;
  }
}
