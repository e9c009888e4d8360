import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatDay, maskAddress } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { LinkTokens, type LinkToken } from '../../../platform/crypto/index.js';
import { Database } from '../../../platform/database/index.js';
import { FailureLimit, notFound, Public } from '../../../platform/http/index.js';
import { Pages } from '../../../platform/pages/index.js';
import { clientOf, Policies, type Policy } from '../../consent/index.js';
import { formTexts, readLink, Senders, sendPage, visitorLanguage } from '../../lists/index.js';
import { People } from '../../subscribers/index.js';
import { shownPolicy } from './policy-html.js';
import { PolicyAcceptance } from './policy-acceptance.service.js';

/** With the phrase `privacyAccept.text`: count it up when its words change. */
const TEXT_VERSION = 'policy-accept-1';

/** Behind the button of a mail that asks people to agree to a policy. Scanners of mail fetch links, so only the POST records it. */
@ApiExcludeController()
@Public()
@Controller('privacy/accept')
export class PolicyAcceptController {
  constructor(
    private readonly policies: Policies,
    private readonly acceptance: PolicyAcceptance,
    private readonly people: People,
    private readonly senders: Senders,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly db: Database,
    readonly tokens: LinkTokens,
    readonly failures: FailureLimit,
  ) {}

  @Get(':token')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const link = await readLink(this, request, token, 'policy');
    await this.answer(request, reply, link, await this.policy(request), false);
  }

  @Post(':token')
  @HttpCode(200)
  async accept(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const link = await readLink(this, request, token, 'policy');
    // Without the field of the form nobody has seen what they would agree to.
    const wasShown = formTexts(request.body, 'version').length > 0;
    await this.answer(request, reply, link, await this.policy(request), wasShown);
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { subject, delivery }: LinkToken,
    policy: Policy,
    accepted: boolean,
  ): Promise<void> {
    const person = await this.people.byId(this.db, subject);
    const brand = await this.senders.brandOf(this.db);
    // The words of the form that was sent, not those of a locale that has changed since.
    const locale = formTexts(request.body, 'locale')[0] ?? person?.locale;
    const spoken = visitorLanguage(this.pages, request, locale);
    const date = formatDay(policy.revisedOn, spoken, this.config.env.TIMEZONE);
    const text = this.pages.say(spoken, 'privacyAccept.text', { brand: brand.name, date });
    if (accepted) {
      await this.db.work((work) =>
        this.acceptance.accept(work, subject, policy, {
          text,
          textVersion: TEXT_VERSION,
          source: `${this.config.publicUrl}/privacy/accept`,
          ...clientOf(request),
          ...(delivery !== null && { messageId: `delivery ${delivery}` }),
        }),
      );
    }
    await sendPage(this.pages, request, reply, {
      page: 'privacy-accept',
      data: {
        policy: shownPolicy(policy, spoken),
        text,
        accepted,
        maskedEmail: person?.address ? maskAddress(person.address) : null,
      },
      brand,
      locale,
      timezone: person?.timezone,
    });
  }

  /** The one that the form showed; on the way to the form, the current one. */
  private async policy({ body }: FastifyRequest): Promise<Policy> {
    const version = formTexts(body, 'version')[0] ?? (await this.policies.current(this.db))?.version;
    if (version === undefined) throw notFound('privacy policy', '');
    return this.policies.known(this.db, version);
  }
}
