import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { ApiError } from '../../../platform/http/index.js';
import { HookCallers } from './hook-callers.js';

export const HOOK_PATH = 'hooks/mail/:provider';

/** What a request takes that does not say how long it is. */
const UNKNOWN_OCTETS = 1024 * 1024;
const RETRY_AFTER_SECONDS = 2;
/** Made once: with ten thousand a second its stack alone would be a tenth of what one costs. */
const BUSY = new ApiError(503, 'busy', 'Too many webhooks at once; send it again later').toJSON();

/**
 * So many webhooks are in hand at once, and no more: whoever comes on top is told to come back, before the body is read. Providers do,
 * for hours, for a 503; a 429 some of them take for good. Without this a burst would wait in memory for the database until there is none
 * left. Whoever does not know the password hears that, however busy it is, and takes no place.
 */
@Injectable()
export class HookGate implements OnModuleInit {
  /** A group for the database and one that gathers meanwhile; and how long a body may take that is sent drop by drop. */
  readonly limits = { requests: 500, octets: 32 * 1024 * 1024, bodyMilliseconds: 15_000 };
  private requests = 0;
  private octets = 0;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly callers: HookCallers,
  ) {}

  onModuleInit(): void {
    const fastify = (
      this.host.httpAdapter as { getInstance?(): FastifyInstance } | undefined
    )?.getInstance?.();
    fastify?.addHook('onRequest', (request, reply, done) => {
      if (request.routeOptions.url === `/${HOOK_PATH}`) this.admit(request, reply, done);
      else done();
    });
  }

  private admit(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    if (!this.isKnown(request, reply)) return;
    const announced = Number(request.headers['content-length'] ?? UNKNOWN_OCTETS);
    const { requests, octets, bodyMilliseconds } = this.limits;
    if (this.requests >= requests || this.octets + announced > octets) {
      void reply.code(BUSY.statusCode).header('Retry-After', RETRY_AFTER_SECONDS).send(BUSY);
      return;
    }
    this.requests += 1;
    this.octets += announced;
    const slow = setTimeout(() => request.raw.destroy(), bodyMilliseconds);
    request.raw.once('end', () => clearTimeout(slow));
    reply.raw.once('close', () => {
      clearTimeout(slow);
      this.requests -= 1;
      this.octets -= announced;
    });
    done();
  }

  private isKnown({ params, headers }: FastifyRequest, reply: FastifyReply): boolean {
    try {
      this.callers.check((params as { provider: string }).provider, headers);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Amazon SNS sends name and password only after it was asked for them (RFC 7617).
      if (headers.authorization === undefined)
        void reply.header('WWW-Authenticate', 'Basic realm="Postrider"');
      void reply.code(error.statusCode).send(error.toJSON());
      return false;
    }
  }
}
