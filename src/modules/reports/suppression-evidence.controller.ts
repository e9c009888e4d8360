import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Database } from '../../platform/database/index.js';
import { Needs } from '../../platform/http/index.js';
import {
  suppressionEvidence,
  toSuppressionEvidence,
  type SuppressionEvidence,
} from './suppression-evidence.schemas.js';
import { AddressReports, Suppressions } from '../suppression/index.js';

@ApiTags('Suppressions')
@Needs('suppressions')
@Controller('v1/suppressions')
export class SuppressionEvidenceController {
  constructor(
    private readonly db: Database,
    private readonly suppressions: Suppressions,
    private readonly reports: AddressReports,
  ) {}

  @Get(':id')
  @ApiOperation({
    summary: 'Why an address is suppressed',
    description:
      'What servers, providers and the person said: the words of the reply or of the report, and where they came from. ' +
      'Never the content of a mail.',
  })
  @ApiResponse({ status: 200, standardSchema: suppressionEvidence })
  async evidence(
    @Param('id', { schema: z.uuid('the id in the path is not a UUID') }) id: string,
  ): Promise<SuppressionEvidence> {
    const suppression = await this.suppressions.known(this.db, id);
    return toSuppressionEvidence(suppression, await this.reports.scoreOf(this.db, suppression.address));
  }
}
