import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from '../../../platform/database/index.js';
import { Public } from '../../../platform/http/index.js';
import { Pages } from '../../../platform/pages/index.js';
import { Policies, type Policy } from '../../consent/index.js';
import { Senders, sendPage, visitorLanguage } from '../../lists/index.js';
import { shownPolicy } from './policy-html.js';

/** The privacy policy for everybody: the current one, and each that was current before. */
@ApiExcludeController()
@Public()
@Controller('privacy')
export class PolicyPagesController {
  constructor(
    private readonly policies: Policies,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly db: Database,
  ) {}

  /** 404 while there is none: the page says so in words, and no search engine keeps it. */
  @Get()
  async current(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const current = await this.policies.current(this.db);
    await this.show(request, reply, current && (await this.policies.known(this.db, current.version)));
  }

  @Get(':version')
  async version(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('version') version: string,
  ): Promise<void> {
    await this.show(request, reply, await this.policies.known(this.db, version));
  }

  private async show(
    request: FastifyRequest,
    reply: FastifyReply,
    policy: Policy | undefined,
  ): Promise<void> {
    const [current, ...earlier] = await this.policies.all(this.db);
    const others = [...(current ? [current] : []), ...earlier].filter(({ id }) => id !== policy?.id);
    await sendPage(this.pages, request, reply, {
      page: 'privacy',
      status: policy ? 200 : 404,
      data: {
        policy: policy ? shownPolicy(policy, visitorLanguage(this.pages, request)) : null,
        isCurrent: policy?.id === current?.id,
        others: others.map(({ id, version, revisedOn }) => ({
          url: id === current?.id ? '/privacy' : `/privacy/${version}`,
          version,
          revisedOn,
          isCurrent: id === current?.id,
        })),
      },
      brand: await this.senders.brandOf(this.db),
    });
  }
}
