import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../platform/config/index.js';
import { Database, type Executor } from '../../../platform/database/index.js';
import { Needs, Once } from '../../../platform/http/index.js';
import { Policies } from '../../consent/index.js';
import { Announcements } from './announcements.service.js';
import {
  announceBody,
  announcementView,
  newPolicyBody,
  policyList,
  policyView,
  toPolicyHead,
  toPolicyView,
  type AnnounceBody,
  type NewPolicyBody,
  type PolicyPlace,
} from './policies.schemas.js';

@ApiTags('Privacy policies')
@Needs('policies')
@Controller('v1/privacy-policies')
export class PoliciesController {
  constructor(
    private readonly policies: Policies,
    private readonly announcements: Announcements,
    private readonly config: Config,
    private readonly db: Database,
    private readonly once: Once,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Publish a version of the privacy policy',
    description:
      'It is at /privacy and at every form from then on. A published version is kept as it is; a change is a new version.',
  })
  @ApiResponse({ status: 201, standardSchema: policyView })
  async publish(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: newPolicyBody }) { version, revisedOn, body }: NewPolicyBody,
  ) {
    return this.once.run(request, reply, async ({ trx }) => {
      const policy = await this.policies.publish(trx, { version, revisedOn, bodies: body });
      return { status: 201, body: toPolicyView(policy, await this.place(trx)) };
    });
  }

  @Get()
  @ApiOperation({ summary: 'All versions, the newest first, without their text' })
  @ApiResponse({ status: 200, standardSchema: policyList })
  async list() {
    const place = await this.place(this.db);
    const all = await this.policies.all(this.db);
    return { data: all.map((policy) => toPolicyHead(policy, place)) };
  }

  @Get(':version')
  @ApiOperation({ summary: 'One version with its text' })
  @ApiResponse({ status: 200, standardSchema: policyView })
  async find(@Param('version') version: string) {
    return toPolicyView(await this.policies.known(this.db, version), await this.place(this.db));
  }

  @Post(':version/announce')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Tell people of the current version by mail',
    description:
      'Service mail in the capacity of news, one to each person, once for each version. It reaches people whatever they subscribed to, but nobody who was erased or whose address does not work.',
  })
  @ApiResponse({ status: 202, standardSchema: announcementView })
  async announce(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('version') version: string,
    @Body({ schema: announceBody }) body: AnnounceBody,
  ) {
    return this.once.run(request, reply, async (work) => ({
      status: 202,
      body: await this.announcements.announce(work, version, body),
    }));
  }

  @Get(':version/announcement')
  @ApiOperation({ summary: 'What became of the mails that told of it, and who agreed' })
  @ApiResponse({ status: 200, standardSchema: announcementView })
  async announcement(@Param('version') version: string) {
    return this.announcements.find(this.db, version);
  }

  @Post(':version/announcement/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Hold what has not gone out' })
  @ApiResponse({ status: 200, standardSchema: announcementView })
  async pause(@Param('version') version: string) {
    return this.db.work((work) => this.announcements.move(work, version, 'pause'));
  }

  @Post(':version/announcement/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on after a pause' })
  @ApiResponse({ status: 200, standardSchema: announcementView })
  async resume(@Param('version') version: string) {
    return this.db.work((work) => this.announcements.move(work, version, 'resume'));
  }

  @Post(':version/announcement/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Skip what has not gone out, for good' })
  @ApiResponse({ status: 200, standardSchema: announcementView })
  async cancel(@Param('version') version: string) {
    return this.db.work((work) => this.announcements.move(work, version, 'cancel'));
  }

  private async place(executor: Executor): Promise<PolicyPlace> {
    const current = await this.policies.current(executor);
    return { publicUrl: this.config.publicUrl, current: current?.version };
  }
}
