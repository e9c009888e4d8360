import { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CSV_START, csvLine } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, Needs, Once, pageQuery, TakesFile, type PageQuery } from '../../platform/http/index.js';
import {
  importPage,
  importView,
  newImportQuery,
  storedView,
  toImportView,
  type NewImport,
} from './imports.schemas.js';
import { Imports } from './imports.service.js';
import type { RowError } from './imports.types.js';

/** About 15 million rows. */
const LARGEST_FILE = 1024 * 1024 * 1024;
const idInPath = z.uuid('the id in the path is not a UUID');

@ApiTags('Imports')
@Needs('subscribers')
@Controller('v1/imports')
export class ImportsController {
  constructor(
    private readonly imports: Imports,
    private readonly once: Once,
    private readonly db: Database,
  ) {}

  @Post()
  @HttpCode(202)
  @TakesFile(LARGEST_FILE)
  @ApiOperation({
    summary: 'Import people who agreed elsewhere, from CSV',
    description:
      'The body is the file: UTF-8, or UTF-16 with a byte order mark; the first row names the columns; comma, semicolon or tab. It is ' +
      'stored as it comes and read by a worker. People are confirmed on the lists at once and get no mail. Nobody is brought back: who ' +
      'left a list stays off it, who left all of theirs stays off all, an erased address stays out; a suppressed one is imported and ' +
      'stays suppressed. The same file again changes nothing.',
  })
  @ApiConsumes('text/csv')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 202, standardSchema: storedView })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query({ schema: newImportQuery }) said: NewImport,
  ) {
    const { body } = request;
    if (!(body instanceof Readable))
      throw new ApiError(415, 'unsupported_media_type', 'Send the file itself as the body, as text/csv');
    const stored = await this.imports.store(said, body);
    let isReleased = false;
    // The same request is the same file with the same words.
    request.body = { said, digest: stored.digest };
    try {
      return await this.once.run(request, reply, async (work) => {
        await this.imports.release(work, stored);
        work.afterCommit(() => void (isReleased = true));
        return { status: 202, body: { id: stored.id } };
      });
    } finally {
      if (!isReleased) await this.imports.discard(stored);
    }
  }

  @Get()
  @ApiOperation({ summary: 'Imports, the newest first' })
  @ApiResponse({ status: 200, standardSchema: importPage })
  async list(@Query({ schema: pageQuery }) query: PageQuery) {
    const { data, hasMore } = await this.imports.list(this.db, query);
    return { data: data.map(toImportView), hasMore };
  }

  @Get(':id')
  @ApiOperation({ summary: 'How far an import is, and what became of its rows' })
  @ApiResponse({ status: 200, standardSchema: importView })
  async find(@Param('id', { schema: idInPath }) id: string) {
    return toImportView(await this.imports.known(this.db, id));
  }

  @Get(':id/errors.csv')
  @ApiOperation({
    summary: 'Rows that could not be imported',
    description:
      'Row (the header is row 1), column, and what is wrong, without the values. Kept for 30 days.',
  })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'CSV', content: { 'text/csv': { schema: { type: 'string' } } } })
  async errors(@Param('id', { schema: idInPath }) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.imports.known(this.db, id);
    await reply
      .headers({
        'Content-Type': 'text/csv; charset=utf-8; header=present',
        'Content-Disposition': `attachment; filename="import-${id}-errors.csv"`,
        'Cache-Control': 'no-store',
      })
      .send(Readable.from(errorsCsv(this.imports.errors(id))));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({
    summary: 'End an import early',
    description: 'Rows that are done stay done. 409 where it has ended.',
  })
  @ApiResponse({ status: 200, standardSchema: importView })
  async cancel(@Param('id', { schema: idInPath }) id: string) {
    return toImportView(await this.db.work((work) => this.imports.cancel(work, id)));
  }
}

/** As a file for spreadsheets. */
export async function* errorsCsv(errors: AsyncIterable<RowError>): AsyncGenerator<string> {
  yield CSV_START + csvLine(['row', 'column', 'problem']);
  for await (const { row, column, problem } of errors) yield csvLine([row, column, problem]);
}
