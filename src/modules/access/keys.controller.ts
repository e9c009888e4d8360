import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { callerOf, Needs, Once, type PageQuery } from '../../platform/http/index.js';
import type { Actor } from './access.types.js';
import {
  keyChangeBody,
  keyDetail,
  keyPage,
  keysQuery,
  keyView,
  keyWithSecret,
  lastQuery,
  newKeyBody,
  toKeyDetail,
  toKeyView,
  type KeyChangeBody,
  type KeyDetail,
  type KeyView,
  type KeyWithSecret,
  type LastQuery,
  type NewKeyBody,
} from './access.schemas.js';
import { ApiKeys } from './api-keys.service.js';

const idParam = { schema: z.uuid('the id in the path is not a UUID') };

@ApiTags('API keys')
@Needs('keys')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly db: Database,
    private readonly keyRing: KeyRing,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Make an API key',
    description:
      'A key can give only what it has itself; what is left out is as with the key that asks. The secret is in this answer only. docs/keys.md has more.',
  })
  @ApiResponse({ status: 201, standardSchema: keyWithSecret })
  @ApiResponse({ status: 403, description: 'Beyond what this key has; the details name each field.' })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: newKeyBody }) body: NewKeyBody,
  ): Promise<KeyWithSecret> {
    // The answer that is kept for the Idempotency-Key holds the secret sealed; it is opened on its way out.
    const { sealed, view } = await this.once.run(request, reply, async (work) => {
      const { key, secret } = await this.keys.create(work, body, actorOf(request));
      return {
        status: 201,
        body: { sealed: this.keyRing.sealJson('content', secret).toString('base64'), view: toKeyView(key) },
      };
    });
    return { ...view, secret: this.keyRing.unsealJson('content', Buffer.from(sealed, 'base64')) as string };
  }

  @Get()
  @ApiOperation({ summary: 'All API keys, the oldest first, revoked ones too' })
  @ApiResponse({ status: 200, standardSchema: keyPage })
  async list(@Query({ schema: keysQuery }) query: PageQuery) {
    const { data, hasMore } = await this.keys.page(query);
    return { data: data.map(toKeyView), hasMore };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One API key, with who made, changed and revoked it' })
  @ApiResponse({ status: 200, standardSchema: keyDetail })
  async find(@Param('id', idParam) id: string): Promise<KeyDetail> {
    return toKeyDetail(await this.keys.known(this.db, id), await this.keys.history(id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change an API key',
    description:
      'What is left out stays. Every key with this scope may narrow others; what widens a key must leave it within the key that asks. In force within 3 seconds.',
  })
  @ApiResponse({ status: 200, standardSchema: keyView })
  @ApiResponse({ status: 403, description: 'Beyond what this key has; the details name each field.' })
  @ApiResponse({ status: 409, description: 'It is revoked, or the last one that manages keys.' })
  async update(
    @Req() request: FastifyRequest,
    @Param('id', idParam) id: string,
    @Query({ schema: lastQuery }) { last }: LastQuery,
    @Body({ schema: keyChangeBody }) body: KeyChangeBody,
  ): Promise<KeyView> {
    return toKeyView(await this.db.work((work) => this.keys.change(work, id, body, actorOf(request), last)));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Revoke an API key',
    description: 'For good; it is refused everywhere within 3 seconds, and stays on record.',
  })
  @ApiResponse({ status: 200, standardSchema: keyView })
  @ApiResponse({ status: 409, description: 'It is the last one that manages keys.' })
  async revoke(
    @Req() request: FastifyRequest,
    @Param('id', idParam) id: string,
    @Query({ schema: lastQuery }) { last }: LastQuery,
  ): Promise<KeyView> {
    return toKeyView(await this.db.work((work) => this.keys.revoke(work, id, actorOf(request), last)));
  }
}

function actorOf(request: FastifyRequest): Actor {
  const caller = callerOf(request);
  if (!caller) throw new Error('A route that needs a scope has a caller');
  return { apiKeyId: caller.apiKeyId };
}
