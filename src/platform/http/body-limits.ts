import { Transform, type TransformCallback } from 'node:stream';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';

/** What a call takes that says nothing else, in octets. */
export const BODY_LIMIT = 1024 * 1024;
/** What no call takes more than: ten megabytes of attachments in base64, and the mail around them. */
export const LARGEST_BODY = 16 * 1024 * 1024;

/** For a call with attachments. @param octets at most LARGEST_BODY */
export const TakesBody = (octets: number): MethodDecorator => RouteConfig({ bodyLimit: octets });

/** For a call whose body is a file that it reads as it comes: `request.body` is a stream. Its type must be text/csv. @param octets at most */
export const TakesFile = (octets: number): MethodDecorator =>
  RouteConfig({ bodyLimit: octets, takesFile: true });

export function takesFile(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { takesFile?: boolean } | undefined)?.takesFile === true;
}

export function bodyTooLarge(limit: number): ApiError {
  const megabytes = Math.floor(limit / (1024 * 1024));
  return new ApiError(
    413,
    'body_too_large',
    `The request body is larger than this call takes (${megabytes} MB)`,
  );
}

/**
 * Fastify itself knows one limit for bodies that it parses, and none for multipart fields, which its plugin cuts without a word. So
 * the limit of each call is kept here: by the announced length where there is one, and by counting where there is none.
 */
export function limitBodies(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onRequest', async (request) => {
    const limit = limitOf(request);
    if (Number(request.headers['content-length']) > limit) throw bodyTooLarge(limit);
  });
  fastify.addHook('preParsing', async (request, _, payload) => {
    if (request.headers['content-length'] !== undefined) return payload;
    const counter = new Counter(limitOf(request));
    return payload.on('error', (error) => counter.destroy(error)).pipe(counter);
  });
}

function limitOf(request: FastifyRequest): number {
  const { bodyLimit } = (request.routeOptions.config ?? {}) as { bodyLimit?: number };
  return bodyLimit ?? BODY_LIMIT;
}

class Counter extends Transform {
  /** What Fastify compares with Content-Length, which is not there. */
  receivedEncodedLength = 0;

  constructor(private readonly limit: number) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.receivedEncodedLength += chunk.length;
    if (this.receivedEncodedLength > this.limit) done(bodyTooLarge(this.limit));
    else done(null, chunk);
  }
}
