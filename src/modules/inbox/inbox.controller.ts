import { Controller, Get, Inject, Param, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/index.js';
import { Public } from '../../platform/http/index.js';
import { Pages } from '../../platform/pages/index.js';
import type { InboxListing, PageLook } from '../../platform/pages/index.js';
import { InboxRefusal } from './inbox.access.js';
import { InboxGuard, InboxRefusalFilter } from './inbox.guard.js';
import { inboxLook } from './inbox.look.js';
import { downloadHeaders, frameDocument, frameHeaders, parseMail } from './inbox.mail.js';
import { frameQuery, listQuery, messageQuery } from './inbox.schemas.js';
import { INBOX_STORE } from './inbox.types.js';
import type { InboxMessage, InboxStore } from './inbox.types.js';
import { InboxPresenter } from './inbox.view.js';

const PAGE = 50;

/** The pages of the built-in inbox. */
@ApiExcludeController()
@Public()
@UseGuards(InboxGuard)
@UseFilters(InboxRefusalFilter)
@Controller('inbox')
export class InboxController {
  constructor(
    @Inject(INBOX_STORE) private readonly store: InboxStore,
    private readonly pages: Pages,
    private readonly config: Config,
  ) {}

  @Get()
  async list(
    @Req() request: FastifyRequest,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { q, after } = listQuery.parse(query);
    const look = inboxLook(this.pages, request);
    const listing = await this.listing(this.presenter(look), q, after);
    const { html, headers } = this.pages.render('inbox/list', { listing }, look);
    await reply.headers(headers).send(html);
  }

  @Post('empty')
  async empty(@Res() reply: FastifyReply): Promise<void> {
    await this.store.clear();
    await reply.redirect('/inbox', 303);
  }

  @Get(':id')
  async message(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { q, view } = messageQuery.parse(query);
    const message = await this.find(id);
    const look = inboxLook(this.pages, request);
    const presenter = this.presenter(look);
    const [listing, mail] = await Promise.all([this.listing(presenter, q, null), parseMail(message.raw)]);
    const data = { listing, ...presenter.message(message, mail, { wanted: view, q }) };
    const { html, headers } = this.pages.render('inbox/message', data, look);
    await reply.headers(headers).send(html);
  }

  /** The HTML part, for the frame. */
  @Get(':id/html')
  async html(@Param('id') id: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { scheme } = frameQuery.parse(query);
    const { html } = await parseMail((await this.find(id)).raw);
    if (html === null) throw new InboxRefusal('missing');
    await reply.headers(frameHeaders).send(frameDocument(html, scheme));
  }

  @Get(':id/source')
  async source(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    const { raw } = await this.find(id);
    await reply.headers(downloadHeaders(`${id}.eml`)).send(raw);
  }

  @Get(':id/attachments/:index')
  async attachment(
    @Param('id') id: string,
    @Param('index') index: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { attachments } = await parseMail((await this.find(id)).raw);
    const attachment = /^\d+$/.test(index) ? attachments[Number(index)] : undefined;
    if (!attachment) throw new InboxRefusal('missing');
    await reply.headers(downloadHeaders(attachment.name)).send(attachment.content);
  }

  private presenter({ locale }: PageLook): InboxPresenter {
    return new InboxPresenter(locale, this.config.env.TIMEZONE);
  }

  private async listing(presenter: InboxPresenter, q: string, after: string | null): Promise<InboxListing> {
    const [page, count] = await Promise.all([this.store.list({ limit: PAGE, after, q }), this.store.count()]);
    return presenter.listing(page, { q, after, count });
  }

  private async find(id: string): Promise<InboxMessage> {
    const message = await this.store.get(id);
    if (!message) throw new InboxRefusal('missing');
    return message;
  }
}
