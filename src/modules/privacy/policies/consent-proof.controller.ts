import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Database } from '../../../platform/database/index.js';
import { Needs } from '../../../platform/http/index.js';
import { People } from '../../subscribers/index.js';
import { ConsentProofPages } from './consent-proof-pages.js';
import { consentProofView, toConsentProofView } from './consent-proof.schemas.js';

const idInPath = z.uuid('the id in the path is not a UUID');
const proofQuery = z.strictObject({
  format: z.enum(['json', 'html']).optional().describe('What `Accept` says when left out, else JSON.'),
  locale: z.string().max(35).optional().describe('The language of the HTML.'),
});

@ApiTags('Subscribers')
@Needs('subscribers')
@Controller('v1/subscribers')
export class ConsentProofController {
  constructor(
    private readonly people: People,
    private readonly proofs: ConsentProofPages,
    private readonly db: Database,
  ) {}

  @Get(':id/consent')
  @ApiOperation({
    summary: 'What a subscriber agreed to and ended, as a proof',
    description:
      'Every act with the exact words, their version, the privacy policy, the page, the truncated IP address and the mail, and whether each entry is as it was written. As JSON, or as HTML to be read and printed.',
  })
  @ApiResponse({ status: 200, standardSchema: consentProofView })
  async proof(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id', { schema: idInPath }) id: string,
    @Query({ schema: proofQuery }) { format, locale }: z.infer<typeof proofQuery>,
  ): Promise<void> {
    const person = await this.people.known(this.db, id);
    const proof = await this.proofs.of(this.db, person);
    const asked = format ?? ((request.headers.accept ?? '').includes('text/html') ? 'html' : 'json');
    if (asked === 'json') return void (await reply.send(toConsentProofView(proof)));
    const { html, headers } = await this.proofs.page(this.db, proof, locale ?? 'en');
    await reply.headers(headers).send(html);
  }
}
