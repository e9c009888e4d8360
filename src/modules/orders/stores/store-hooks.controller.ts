import { Controller, HttpCode, Param, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public, TakesBody } from '../../../platform/http/index.js';
import { StoreHooks, type StoreHookAnswer } from './store-hooks.service.js';

const answer = z
  .object({
    events: z.int().describe('How many order events were in it; 0 where it speaks of something else.'),
  })
  .meta({ id: 'StoreHookAnswer' });

/** An order of some hundred lines, each with its taxes and discounts in two currencies, is more than one megabyte. */
const LARGEST_HOOK = 4 * 1024 * 1024;

@ApiTags('Webhooks of shop platforms')
@Public()
@Controller('hooks/store')
export class StoreHooksController {
  constructor(private readonly hooks: StoreHooks) {}

  @Post(':platform')
  @TakesBody(LARGEST_HOOK)
  @HttpCode(200)
  @ApiOperation({
    summary: 'Webhooks of Stripe and Shopify',
    description:
      'Signed by the platform over the raw body; mapped to order events. 409 where nothing is known of the order yet: platforms send again.',
  })
  @ApiBody({
    description: 'What the platform posts, as it came.',
    schema: { type: 'object', additionalProperties: true },
  })
  @ApiResponse({ status: 200, standardSchema: answer })
  @ApiResponse({ status: 401, description: 'The signature does not match, or is too old.' })
  async receive(
    @Param('platform') platform: string,
    @Req() request: RawBodyRequest<FastifyRequest>,
  ): Promise<StoreHookAnswer> {
    const { headers, rawBody = Buffer.alloc(0), body } = request;
    return this.hooks.receive(platform, { headers, raw: rawBody, body });
  }
}
