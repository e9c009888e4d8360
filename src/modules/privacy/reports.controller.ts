import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CROWD } from '../../domain/index.js';
import { Needs } from '../../platform/http/index.js';
import { Audience } from './audience.service.js';
import { audienceView, retentionView } from './privacy.schemas.js';
import { Retention } from './retention.service.js';

@ApiTags('Reports')
@Needs('reports')
@Controller('v1/reports')
export class ReportsController {
  constructor(
    private readonly audience: Audience,
    private readonly retention: Retention,
  ) {}

  @Get('audience')
  @ApiOperation({
    summary: 'How many people read what: safe to share',
    description:
      'Confirmed subscriptions by list, language, source and month, rounded down to tens. Groups of fewer than 10 are put together, also ' +
      'where they could be found by subtraction; a list is counted anew only after 10 people have come and gone.',
  })
  @ApiResponse({ status: 200, standardSchema: audienceView })
  async audienceReport() {
    return { smallestGroup: CROWD, ...(await this.audience.report()) };
  }

  @Get('retention')
  @Needs('subscribers')
  @ApiOperation({
    summary: 'How long each kind of record is kept',
    description: 'With how many are past their time now, and what went the last time.',
  })
  @ApiResponse({ status: 200, standardSchema: retentionView })
  async retentionReport() {
    const lines = await this.retention.preview();
    return {
      data: lines.map(({ kind, days, describe, records, lastRun }) => ({
        kind,
        days,
        describe,
        pastTheirTime: records,
        lastRun: lastRun && { at: lastRun.at.toISOString(), removed: lastRun.removed },
      })),
    };
  }
}
