import { Readable } from 'node:stream';
import { Body, Controller, Get, Header, HttpCode, Inject, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../../platform/database/index.js';
import { ApiError, Needs, TakesFile } from '../../platform/http/index.js';
import { AddressReports } from './address-reports.service.js';
import { LIST_NAMES, type ListNames } from './list-names.js';
import {
  exportQuery,
  importAnswer,
  importQuery,
  type ExportQuery,
  type ImportQuery,
} from './suppression-csv.schemas.js';
import { SuppressionCsv } from './suppression-csv.service.js';
import { scoreQuery, scoreView, toScoreView, type ScoreQuery } from './suppression-score.schemas.js';

const LARGEST_IMPORT = 1024 * 1024 * 1024;

@ApiTags('Suppressions')
@Needs('suppressions')
@Controller('v1/suppressions')
export class SuppressionCsvController {
  constructor(
    private readonly csv: SuppressionCsv,
    private readonly reports: AddressReports,
    @Inject(LIST_NAMES) private readonly lists: ListNames,
    private readonly db: Database,
  ) {}

  @Post('import')
  @HttpCode(200)
  @TakesFile(LARGEST_IMPORT)
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', example: 'address,scope,reason\nada@example.com,all,hard_bounce\n' } })
  @ApiOperation({
    summary: 'Import suppressions from CSV',
    description:
      'Columns: address, and if you like scope, list, reason, evidence. Do this before any people are imported. What is active already stays; rows that are not valid are named in the answer, the others are taken.',
  })
  @ApiResponse({ status: 200, standardSchema: importAnswer })
  async import(@Body() body: unknown, @Query({ schema: importQuery }) { dryRun }: ImportQuery) {
    return this.csv.import(streamOf(body), dryRun, this.lists);
  }

  @Get('export')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @Header('Content-Disposition', 'attachment; filename="suppressions.csv"')
  @ApiProduces('text/csv')
  @ApiOperation({ summary: 'Export suppressions as CSV', description: 'In a form that the import takes.' })
  @ApiResponse({ status: 200, schema: { type: 'string' } })
  export(@Query({ schema: exportQuery }) { active }: ExportQuery): StreamableFile {
    return new StreamableFile(this.csv.export(active, this.lists));
  }

  @Post('scores')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What is held against an address',
    description: 'Its soft bounces, the score that they make now, and the suppression that tells most.',
  })
  @ApiResponse({ status: 200, standardSchema: scoreView })
  async score(@Body({ schema: scoreQuery }) { address }: ScoreQuery) {
    return toScoreView(await this.reports.scoreOf(this.db, address.canonical));
  }
}

/** JSON has a parser, and would come here as what it says. */
function streamOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  throw new ApiError(415, 'unsupported_media_type', 'Send the body as text/csv');
}
