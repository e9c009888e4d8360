import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';
import { toApiError } from './to-api-error.js';

/** Shows an error as a page to a visitor of a public page; set by the composition, because pages need a brand. */
export interface ErrorPages {
  /** Whether the person at this request reads pages rather than JSON. */
  wants(request: FastifyRequest): boolean;
  send(request: FastifyRequest, reply: FastifyReply, error: ApiError): Promise<void>;
}

@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly pages: ErrorPages | undefined) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toApiError(thrown) ?? this.defect(thrown, request);
    if (reply.sent) return;
    if (error.retryAfter !== undefined) void reply.header('Retry-After', error.retryAfter);
    if (this.pages?.wants(request)) return this.pages.send(request, reply, error);
    await reply
      .status(error.statusCode)
      .header('Content-Type', 'application/json; charset=utf-8')
      .send(error.toJSON());
  }

  private defect(thrown: unknown, request: FastifyRequest): ApiError {
    this.logger.error({ err: thrown, requestId: request.id }, 'A request failed inside Postrider');
    return new ApiError(
      500,
      'internal_error',
      `Postrider failed inside. The log has more under request id ${request.id}.`,
    );
  }
}
