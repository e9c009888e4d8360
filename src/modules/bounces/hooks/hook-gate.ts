import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { ApiError } from '../../../platform/http/index.js';

export const HOOK_PATH = 'hooks/mail/:provider';

/** What a request takes that does not say how long it is. */
const UNKNOWN_OCTETS = 1024 * 1024;
const RETRY_AFTER_SECONDS = 2;

/**
 * So many webhooks are in hand at once, and no more: whoever comes on top is told to come back, before the body is read. Providers do,
 * for hours. Without this a burst would wait in memory for the database until there is none left.
 */
@Injectable()
export class HookGate implements OnModuleInit {
  /** A group for the database and one that gathers meanwhile; and how long a body may take that is sent drop by drop. */
  readonly limits = { requests: 500, octets: 32 * 1024 * 1024, bodyMilliseconds: 15_000 };
  private requests = 0;
  private octets = 0;

  constructor(private readonly host: HttpAdapterHost) {}

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
    const announced = Number(request.headers['content-length'] ?? UNKNOWN_OCTETS);
    const { requests, octets, bodyMilliseconds } = this.limits;
    if (this.requests >= requests || this.octets + announced > octets) {
      const busy = new ApiError(503, 'busy', 'Too many webhooks at once; send it again later');
      void reply.code(503).header('Retry-After', RETRY_AFTER_SECONDS).send(busy.toJSON());
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
}
