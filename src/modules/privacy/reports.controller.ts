import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../../platform/http/index.js';
import { retentionView } from './privacy.schemas.js';
import { Retention } from './retention.service.js';

@ApiTags('Reports')
@Needs('reports')
@Controller('v1/reports')
export class ReportsController {
  constructor(private readonly retention: Retention) {}

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
