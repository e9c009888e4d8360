import { randomUUID } from 'node:crypto';
import { Global, Module, StandardSchemaValidationPipe, type Type } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ThrottlerModule } from '@nestjs/throttler';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Config } from '../config/index.js';
import { nameAllowedMethods } from './allowed-methods.js';
import { ApiError, invalidFields } from './api-error.js';
import { AuthenticationGuard } from './authentication.js';
import { CallerContext } from './authentication-caller.js';
import { BODY_LIMIT, LARGEST_BODY, limitBodies, takesFile } from './body-limits.js';
import { ErrorFilter, type ErrorPages } from './error.filter.js';
import { onClientError, onRouterError } from './framework-errors.js';
import { Once } from './once.js';
import { KeyRateLimit } from './rate-limit-of-key.js';
import { FailureLimit } from './rate-limit.guard.js';
import { SharedRateLimits } from './rate-limit.js';
import { detailsOf } from './validation-details.js';

@Global()
@Module({
  providers: [SharedRateLimits, FailureLimit, KeyRateLimit, Once],
  exports: [SharedRateLimits, FailureLimit, KeyRateLimit, Once],
})
class RateLimitModule {}

/** Guards, validation, errors and idempotency for every route. */
@Global()
@Module({
  imports: [
    RateLimitModule,
    ThrottlerModule.forRootAsync({
      inject: [SharedRateLimits],
      useFactory: (storage: SharedRateLimits) => ({ throttlers: [{ ttl: 60_000, limit: 60 }], storage }),
    }),
  ],
  providers: [
    { provide: APP_GUARD, useClass: AuthenticationGuard },
    { provide: APP_INTERCEPTOR, useClass: CallerContext },
  ],
  exports: [ThrottlerModule],
})
export class HttpModule {}

/**
 * The Fastify application around a root module. It is not listening yet.
 * @param pages shows errors as pages where a visitor looks at them
 */
export async function createHttpApp(
  root: Type | Parameters<typeof NestFactory.create>[0],
  config: Config,
  errorPages?: (app: NestFastifyApplication) => ErrorPages,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: LARGEST_BODY,
    trustProxy: config.trustProxy,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestId(request),
    frameworkErrors: onRouterError,
    clientErrorHandler: onClientError,
    // On shutdown idle connections are closed at once and requests in hand are answered first.
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bufferLogs: true,
    // The caller flushes once it has set the logger; after a failure the thrown error says all.
    autoFlushLogs: false,
    abortOnError: false,
    // Signatures of webhooks are over the bytes that came.
    rawBody: true,
  });
  app.useBodyParser('text/plain', {}, plainTextOfHooks);
  adapter.getInstance().addContentTypeParser('text/csv', fileAsStream as never);
  await adapter.getInstance().register(multipart as never, {
    limits: { fileSize: BODY_LIMIT, files: 1, fields: 50 },
    attachFieldsToBody: 'keyValues',
  });
  nameAllowedMethods(adapter.getInstance<FastifyInstance>());
  limitBodies(adapter.getInstance<FastifyInstance>());
  adapter.getInstance().addHook('onSend', async (request, reply) => {
    void reply.header('X-Request-Id', request.id);
  });
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({
      exceptionFactory: (issues) => invalidFields(detailsOf(issues)),
    }),
  );
  app.useGlobalFilters(new ErrorFilter(errorPages?.(app)));
  return app;
}

/** A caller's X-Request-Id is kept where it is harmless in a log. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** Amazon SNS posts JSON as text/plain; nobody else has a reason to. */
function plainTextOfHooks(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  if (request.url.startsWith('/hooks/')) done(null, body.toString());
  else done(new ApiError(415, 'unsupported_media_type', 'Send the body as application/json'));
}

function fileAsStream(
  request: FastifyRequest,
  payload: Readable,
  done: (error: Error | null, body?: Readable) => void,
): void {
  // A connection that ends before the call reads must not end the process: without a listener its error would. The reader gets it, too.
  payload.on('error', () => undefined);
  if (takesFile(request)) done(null, payload);
  else done(new ApiError(415, 'unsupported_media_type', 'Send the body as application/json'));
}
