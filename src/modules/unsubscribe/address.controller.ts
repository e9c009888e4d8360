import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { maskAddress, parseAddress } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { ApiError, Public } from '../../platform/http/index.js';
import { formTexts } from '../lists/index.js';
import { FreshLinks, type Person } from '../subscribers/index.js';
import { AddressChange } from './address-change.service.js';
import { Visit } from './visit.js';

/** `/my-data/:token/address`, behind a fresh link to the old address: the new one gets a mail to confirm. */
@ApiExcludeController()
@Public()
@Controller('my-data/:token/address')
export class AddressController {
  constructor(
    private readonly visit: Visit,
    private readonly freshLinks: FreshLinks,
    private readonly change: AddressChange,
    private readonly db: Database,
  ) {}

  @Get()
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    await this.form(request, reply, await this.person(request, token));
  }

  @Post()
  @HttpCode(200)
  async ask(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    const email = (formTexts(request.body, 'email')[0] ?? '').slice(0, 1_000);
    const parsed = parseAddress(email);
    if (!parsed.ok)
      return this.form(request, reply, person, email, email.trim() === '' ? 'missing' : 'invalid');
    const { address } = parsed;
    if (address.canonical === person.canonical && address.typed === person.address)
      return this.form(request, reply, person, email, 'same');
    const sent = await this.db.work((work) => this.change.ask(work, person, address));
    const data = { state: sent ? ('newAddress' as const) : ('tooMany' as const), email: address.typed };
    await this.visit.answer(request, reply, 'link-sent', data, { person });
  }

  /** @throws 410 when the link is too old */
  private async person(request: FastifyRequest, token: string): Promise<Person> {
    const { subject } = await this.visit.link(request, token, 'manage');
    const link = await this.freshLinks.opened(this.db, subject);
    if (!link)
      throw new ApiError(
        410,
        'link_expired',
        'This link is no longer good. Ask for a new one at /preferences.',
      );
    return link.person;
  }

  private async form(
    request: FastifyRequest,
    reply: FastifyReply,
    person: Person,
    email = '',
    error: 'missing' | 'invalid' | 'same' | null = null,
  ): Promise<void> {
    const data = { maskedEmail: maskAddress(person.address ?? ''), email, error };
    await this.visit.answer(request, reply, 'change-address', data, {
      person,
      status: error === null ? 200 : 422,
    });
  }
}
