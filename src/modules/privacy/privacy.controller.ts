import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Database } from '../../platform/database/index.js';
import { Needs } from '../../platform/http/index.js';
import { People } from '../subscribers/index.js';
import { Erasure } from './erasure.service.js';
import { PersonalExport } from './personal-export.service.js';
import { exportView } from './privacy.schemas.js';

const idInPath = z.uuid('the id in the path is not a UUID');

/** What somebody may ask about themselves, for whoever answers it by hand; people do it alone at /my-data. */
@ApiTags('Subscribers')
@Needs('subscribers')
@Controller('v1/subscribers')
export class PrivacyController {
  constructor(
    private readonly people: People,
    private readonly erasure: Erasure,
    private readonly exports: PersonalExport,
    private readonly db: Database,
  ) {}

  @Get(':id/export')
  @ApiOperation({
    summary: 'Everything that is held about a subscriber',
    description: 'By kind, as JSON (GDPR Art. 15 and 20). What is empty is there as an empty list.',
  })
  @ApiResponse({ status: 200, standardSchema: exportView })
  async export(@Param('id', { schema: idInPath }) id: string) {
    const person = await this.people.known(this.db, id);
    return this.exports.of(person);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Erase a subscriber',
    description:
      'Everything that names the person goes, all subscriptions end, mail that waits is skipped. A keyed hash of the address stays, ' +
      'so that an import cannot bring the person back; a confirmed new opt-in or a purchase can.',
  })
  @ApiResponse({ status: 204, description: 'Erased, now or before' })
  async erase(@Param('id', { schema: idInPath }) id: string): Promise<void> {
    await this.db.work((work) => this.erasure.erase(work, id, 'api'));
  }
}
