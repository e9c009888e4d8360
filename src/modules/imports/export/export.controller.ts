import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../../platform/http/index.js';
import { SubscribersExport } from './export.service.js';

const exportQuery = z.strictObject({
  list: z.string().min(1).max(63).optional().describe('Slug of a list.'),
  status: z.enum(['pending', 'confirmed', 'unsubscribed']).optional(),
});

@ApiTags('Subscribers')
@Needs('subscribers')
@Controller('v1/subscribers/export')
export class ExportController {
  constructor(private readonly subscribers: SubscribersExport) {}

  @Get()
  @ApiOperation({
    summary: 'Subscribers as CSV',
    description:
      'One row a subscription, as it is read from the database: memory stays flat however many there are. Texts that look like a formula ' +
      'have an apostrophe in front, which an import takes off again.',
  })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'CSV', content: { 'text/csv': { schema: { type: 'string' } } } })
  async export(
    @Query({ schema: exportQuery }) query: z.infer<typeof exportQuery>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pieces = await this.subscribers.csv(query);
    await reply
      .headers({
        'Content-Type': 'text/csv; charset=utf-8; header=present',
        'Content-Disposition': 'attachment; filename="subscribers.csv"',
        'Cache-Control': 'no-store',
      })
      .send(Readable.from(pieces));
  }
}
