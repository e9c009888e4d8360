import { Catch, Injectable } from '@nestjs/common';
import type { ArgumentsHost, CanActivate, ExceptionFilter, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/index.js';
import { Pages } from '../../platform/pages/index.js';
import { InboxRefusal, refusal } from './inbox.access.js';
import type { InboxRefusalReason } from './inbox.access.js';
import { inboxLook } from './inbox.look.js';

function refusalOf(request: FastifyRequest, config: Config): InboxRefusalReason | null {
  return refusal(
    { addresses: request.ips ?? [request.ip], headers: request.headers, changes: request.method === 'POST' },
    { hasRelay: config.env.SMTP_URL !== undefined, trustsProxy: config.trustProxy !== false },
  );
}

/** Whether the person at this request may open `/inbox`: for pages that link to it. */
export function mayOpenInbox(request: FastifyRequest, config: Config): boolean {
  const reason = refusalOf(request, config);
  // A form of ours that was posted from elsewhere was still posted by somebody at this machine.
  return reason === null || reason === 'crossSite';
}

/** Lets in only the person at this machine; see `refusal`. */
@Injectable()
export class InboxGuard implements CanActivate {
  constructor(private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const reason = refusalOf(context.switchToHttp().getRequest<FastifyRequest>(), this.config);
    if (reason !== null) throw new InboxRefusal(reason);
    return true;
  }
}

/** Says on a page why, and how to get there all the same. */
@Catch(InboxRefusal)
export class InboxRefusalFilter implements ExceptionFilter<InboxRefusal> {
  constructor(private readonly pages: Pages) {}

  async catch({ reason }: InboxRefusal, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const fromElsewhere = reason === 'remote' || reason === 'proxy' || reason === 'host';
    const tunnel = fromElsewhere ? tunnelTo(request.socket.localPort ?? 80) : null;
    const { html, headers } = this.pages.render(
      'inbox/refused',
      { reason, tunnel },
      inboxLook(this.pages, request),
    );
    const gone = reason === 'relay' || reason === 'missing';
    await reply
      .status(gone ? 404 : 403)
      .headers(headers)
      .send(html);
  }
}

function tunnelTo(port: number): { command: string; url: string } {
  return {
    command: `ssh -N -L ${port}:127.0.0.1:${port} you@your-server`,
    url: `http://127.0.0.1:${port}/inbox`,
  };
}
