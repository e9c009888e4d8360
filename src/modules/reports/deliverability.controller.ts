import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../../platform/http/index.js';
import {
  deliverabilityQuery,
  deliverabilityReport,
  type DeliverabilityQuery,
  type DeliverabilityReport,
} from './deliverability.schemas.js';
import { Deliverability } from './deliverability.service.js';

@ApiTags('Reports')
@Needs('reports')
@Controller('v1/reports')
export class DeliverabilityController {
  constructor(private readonly deliverability: Deliverability) {}

  @Get('deliverability')
  @ApiOperation({
    summary: 'How mail arrives, by day, campaign and recipient domain',
    description:
      'Delivered, deferred, hard, soft, blocked, and complaints against the lines of 0.1 % and 0.3 %. Where a provider tells of no ' +
      'complaints the rate is null with the reason, never 0. Counted by the day of the hand-over (UTC), some ten seconds behind.',
  })
  @ApiResponse({ status: 200, standardSchema: deliverabilityReport })
  async report(
    @Query({ schema: deliverabilityQuery }) query: DeliverabilityQuery,
  ): Promise<DeliverabilityReport> {
    return this.deliverability.report(query);
  }
}
