import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs, notFound, toPage } from '../../../platform/http/index.js';
import { DomainCapsRepository } from './domain-caps.repository.js';
import {
  capPage,
  capsQuery,
  capView,
  recipientDomain,
  setCapBody,
  type CapsQuery,
  type SetCap,
} from './domain-caps.schemas.js';

@ApiTags('Relays')
@Needs('relays')
@Controller('v1/domain-caps')
export class DomainCapsController {
  constructor(private readonly caps: DomainCapsRepository) {}

  @Get()
  @ApiOperation({ summary: 'All caps of recipient domains, by name; `after` is a domain' })
  @ApiResponse({ status: 200, standardSchema: capPage })
  async list(@Query({ schema: capsQuery }) { limit, after }: CapsQuery) {
    return toPage(await this.caps.page(limit + 1, after), limit, (cap) => cap);
  }

  @Get(':domain')
  @ApiOperation({ summary: 'The cap of a recipient domain' })
  @ApiResponse({ status: 200, standardSchema: capView })
  async find(@Param('domain', { schema: recipientDomain }) domain: string) {
    const cap = await this.caps.find(domain);
    if (!cap) throw notFound('cap for the domain', domain);
    return cap;
  }

  @Put(':domain')
  @ApiOperation({
    summary: 'Cap a recipient domain',
    description:
      'So many mails a second at most, whatever the domain says itself. News and service mail use up to 80 % of it.',
  })
  @ApiResponse({ status: 200, standardSchema: capView })
  async set(
    @Param('domain', { schema: recipientDomain }) domain: string,
    @Body({ schema: setCapBody }) { perSecond }: SetCap,
  ) {
    await this.caps.set({ domain, perSecond });
    return { domain, perSecond };
  }

  @Delete(':domain')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lift the cap of a recipient domain' })
  @ApiResponse({ status: 204, description: 'It is lifted' })
  async remove(@Param('domain', { schema: recipientDomain }) domain: string): Promise<void> {
    if (!(await this.caps.remove(domain))) throw notFound('cap for the domain', domain);
  }
}
