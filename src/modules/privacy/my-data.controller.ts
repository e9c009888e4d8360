import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvDelimiter, maskAddress, sheetRows, toCsv } from '../../domain/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { FailureLimit, Public } from '../../platform/http/index.js';
import { Pages, type PageData, type PageName } from '../../platform/pages/index.js';
import { ConsentProofs } from '../consent/index.js';
import { readLink, sendPage, Senders, visitorLanguage } from '../lists/index.js';
import { FreshLinks, type Person } from '../subscribers/index.js';
import { Erasure } from './erasure.service.js';
import { heldByKind } from './held-by-kind.js';
import { PersonalExport } from './personal-export.service.js';

/**
 * Behind a fresh link, which went to the person's own address: see, take along and erase what is held. GET changes nothing. A link that is
 * too old and one of somebody who is gone are answered alike.
 */
@ApiExcludeController()
@Public()
@Controller('my-data/:token')
export class MyDataController {
  constructor(
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
    private readonly freshLinks: FreshLinks,
    private readonly exports: PersonalExport,
    private readonly proofs: ConsentProofs,
    private readonly erasure: Erasure,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly db: Database,
  ) {}

  @Get()
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    if (!person) return this.ended(request, reply);
    const [{ data }, acts] = await Promise.all([this.exports.of(person), this.proofs.of(this.db, person.id)]);
    const history = acts
      .map(({ at, act, list, text, policyVersion }) => ({
        at,
        act,
        list: list?.name ?? null,
        text,
        policyVersion,
      }))
      .toReversed();
    const held = heldByKind(data);
    return this.page(request, reply, 'my-data', { token, ...maskOf(person), held, history }, person);
  }

  @Get('my-data.json')
  async json(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    if (!person) return this.ended(request, reply);
    const text = JSON.stringify(await this.exports.of(person), null, 2);
    await this.file(reply, 'my-data.json', 'application/json; charset=utf-8', text);
  }

  @Get('my-data.csv')
  async csv(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    if (!person) return this.ended(request, reply);
    const { data } = await this.exports.of(person);
    const delimiter = csvDelimiter(visitorLanguage(this.pages, request, person.locale));
    const text = toCsv([['kind', 'number', 'field', 'value'], ...sheetRows(data)], delimiter);
    await this.file(reply, 'my-data.csv', 'text/csv; charset=utf-8; header=present', text);
  }

  @Get('erase')
  async ask(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    if (!person) return this.ended(request, reply);
    return this.page(request, reply, 'my-data-erase', { token, ...maskOf(person) }, person);
  }

  @Post('erase')
  @HttpCode(200)
  async erase(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const person = await this.person(request, token);
    if (!person) return this.ended(request, reply);
    await this.db.work((work) => this.erasure.erase(work, person.id, 'my data page'));
    return this.page(request, reply, 'my-data-erased', {}, person);
  }

  private async person(request: FastifyRequest, token: string): Promise<Person | undefined> {
    const { subject } = await readLink(this, request, token, 'manage');
    return (await this.freshLinks.opened(this.db, subject))?.person;
  }

  private async ended(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.page(request, reply, 'my-data-ended', {});
  }

  private async page<P extends PageName>(
    request: FastifyRequest,
    reply: FastifyReply,
    page: P,
    data: PageData[P],
    person?: Person,
  ): Promise<void> {
    const brand = await this.senders.brandOf(this.db);
    const { locale, timezone } = person ?? {};
    await sendPage(this.pages, request, reply, { page, data, brand, locale, timezone });
  }

  private async file(reply: FastifyReply, name: string, type: string, text: string): Promise<void> {
    await reply
      .headers({
        'Content-Type': type,
        'Content-Disposition': `attachment; filename="${name}"`,
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
        'X-Robots-Tag': 'noindex',
      })
      .send(text);
  }
}

function maskOf({ address }: Person): { maskedEmail: string } {
  return { maskedEmail: maskAddress(address ?? '') };
}
