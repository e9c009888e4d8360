import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, Public } from '../../platform/http/index.js';
import { AddressChange, type NewAddress } from './address-change.service.js';
import { Visit } from './visit.js';

const PAGE = '/new-address';

/** Behind the button of the mail to a new address. Scanners of mail fetch links, so only the POST changes anything. */
@ApiExcludeController()
@Public()
@Controller('new-address')
export class NewAddressController {
  constructor(
    private readonly visit: Visit,
    private readonly change: AddressChange,
    private readonly db: Database,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'address');
    await this.page(request, reply, await this.change.look(this.db, subject));
  }

  @Post(':token')
  @HttpCode(200)
  async confirm(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { subject } = await this.visit.link(request, token, 'address');
    const before = await this.change.look(this.db, subject);
    const words = this.visit.says(request, before?.person)('newAddress.button');
    const proof = this.visit.proof(request, PAGE, words);
    await this.page(request, reply, await this.change.confirm(subject, proof));
  }

  /** @throws 410 when the link is too old */
  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    found: NewAddress | undefined,
  ): Promise<void> {
    if (!found)
      throw new ApiError(
        410,
        'link_expired',
        'This link is no longer good. Ask for a new one at /preferences.',
      );
    const { state, person, address } = found;
    const data = { state, maskedEmail: maskAddress(address.typed) };
    await this.visit.answer(request, reply, 'new-address', data, { person });
  }
}
