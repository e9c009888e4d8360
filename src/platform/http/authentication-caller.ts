import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';
import { ApiError } from './api-error.js';
import { callerOf, type Caller } from './authentication.js';

const callers = new AsyncLocalStorage<Caller>();

/**
 * Lets whatever a request sets in motion know by whose key: a mail is accepted many calls away from its controller, and each way there
 * must keep to the senders of the key. Only for keys that are limited so; a worker, a visitor and the command line have none.
 */
@Injectable()
export class CallerContext implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
    if (!caller || caller.senders === null) return next.handle();
    return new Observable((subscriber) => callers.run(caller, () => next.handle().subscribe(subscriber)));
  }
}

/**
 * Asked wherever mail gets its sender, also where that is the default.
 * @throws 403 that names the sender where the API key of this request may not send as it
 */
export function requireSender(slug: string): void {
  const caller = callers.getStore();
  if (!caller || caller.senders === null || caller.senders.includes(slug)) return;
  const others = caller.senders.map((one) => `"${one}"`).join(', ');
  const message = `The API key "${caller.name}" may not send as "${slug}", only as ${others}`;
  throw new ApiError(403, 'sender_not_allowed', message, [{ field: 'sender', message }]);
}
