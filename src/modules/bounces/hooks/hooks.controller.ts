import { Controller, HttpCode, Param, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../../platform/http/index.js';
import { HOOK_PATH } from './hook-gate.js';
import { MailHooks } from './mail-hooks.service.js';

const answer = z
  .object({ stored: z.boolean().describe('False where the same webhook was stored before.') })
  .meta({ id: 'MailHookAnswer' });

@ApiTags('Webhooks of mail providers')
@Public()
@Controller()
export class MailHooksController {
  constructor(private readonly hooks: MailHooks) {}

  @Post(HOOK_PATH)
  @HttpCode(200)
  @ApiOperation({
    summary: 'Webhooks of Amazon SES, SendGrid, Postmark and Mailgun',
    description:
      'What became of mail, as the provider tells it. Proven by its signature or by name and password, stored before the answer, read by a worker.',
  })
  @ApiBody({
    description: 'What the provider posts, as it came.',
    schema: { type: 'object', additionalProperties: true },
  })
  @ApiResponse({ status: 200, standardSchema: answer })
  @ApiResponse({
    status: 401,
    description: 'It does not prove that it comes from the provider, or is too old.',
  })
  @ApiResponse({ status: 503, description: 'Too many at once; it is to be sent again after Retry-After.' })
  async receive(
    @Param('provider') provider: string,
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.infer<typeof answer>> {
    const { headers, rawBody = Buffer.alloc(0), body } = request;
    // Amazon SNS sends name and password only after it was asked for them (RFC 7617).
    if (headers.authorization === undefined) void reply.header('WWW-Authenticate', 'Basic realm="Postrider"');
    const stored = await this.hooks.receive(provider, { headers, raw: rawBody, body });
    void reply.removeHeader('WWW-Authenticate');
    return { stored };
  }
}
