import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from '../../platform/database/index.js';
import { Pages, type SubscribeErrors } from '../../platform/pages/index.js';
import { Policies } from '../consent/index.js';
import { sendPage, Senders, visitorLanguage, type Brand, type List } from '../lists/index.js';
import { consentText } from './consent-text.js';
import { FormSeal, type FormSheet } from './form-seal.js';
import type { SubscribeForm } from './subscribe-form.js';

/** A form as it is shown: for the first time, or again with what is wrong. */
export interface ShownForm {
  readonly offered: readonly List[];
  readonly form: SubscribeForm;
  readonly errors: SubscribeErrors;
  /** 422 where there are errors, when left out. */
  readonly status?: number;
}

/**
 * What a visitor is answered, as a page; or as JSON for the script of an embedded form, which asks for it. Both say the same, and the same
 * to everybody.
 */
@Injectable()
export class SignUpPages {
  constructor(
    private readonly pages: Pages,
    private readonly senders: Senders,
    private readonly policies: Policies,
    private readonly seal: FormSeal,
    private readonly db: Database,
  ) {}

  /** What a form that offers these lists shows at this moment. */
  async sheet(locale: string, brand: Brand, offered: readonly List[]): Promise<FormSheet> {
    const policy = await this.policies.current(this.db);
    return {
      ...consentText(this.pages, locale, brand.name, offered),
      policyVersion: policy?.version ?? null,
      offered: offered.map(({ slug }) => slug),
    };
  }

  async form(
    request: FastifyRequest,
    reply: FastifyReply,
    { offered, form, errors, status = Object.keys(errors).length > 0 ? 422 : 200 }: ShownForm,
  ): Promise<void> {
    const locale = visitorLanguage(this.pages, request);
    if (wantsJson(request)) {
      const details = Object.entries(errors).map(([field, problem]) => ({
        field,
        message: this.pages.say(locale, `subscribe.error.${field}.${problem}`),
      }));
      const name = status === 429 ? 'too_many_requests' : 'validation_failed';
      const message = details.map((one) => one.message).join(' ');
      await reply.status(status).send({ statusCode: status, name, message, details });
      return;
    }
    const brand = await this.senders.brandOf(this.db, offered[0]);
    const sheet = await this.sheet(locale, brand, offered);
    const policy = await this.policies.current(this.db);
    await sendPage(this.pages, request, reply, {
      page: 'subscribe',
      data: {
        lists: offered.map(({ slug, name, description }) => ({
          slug,
          name,
          description,
          checked: form.lists.includes(slug),
        })),
        values: { email: form.email, name: form.name },
        errors,
        consentText: sheet.text,
        policy: policy ? { revisedOn: policy.revisedOn } : null,
        // Pressed too early it stays as old as it is, so that the next press counts.
        started: errors.form === 'tooFast' ? form.started : this.seal.seal(sheet),
      },
      brand,
      status,
    });
  }

  /** The same for every address. @param email as the visitor typed it, or masked; null where the page does not know it */
  async sent(
    request: FastifyRequest,
    reply: FastifyReply,
    sent: {
      readonly email: string | null;
      readonly brand: Brand;
      readonly inboxUrl: string | null;
      readonly statusUrl: string | null;
      readonly locale?: string | null;
    },
  ): Promise<void> {
    const { brand, locale, ...data } = sent;
    if (wantsJson(request)) {
      const spoken = visitorLanguage(this.pages, request, locale);
      await reply.send({
        state: 'sent',
        title: this.pages.say(spoken, 'check.title'),
        message: this.pages.say(spoken, 'check.lead'),
        statusUrl: data.statusUrl,
      });
      return;
    }
    // The page behind it says more where the domain takes no mail. A header, for a meta element would stop a screen reader the same and
    // is in the way of whoever saves the page.
    if (data.statusUrl !== null) void reply.header('Refresh', `8; url=${data.statusUrl}`);
    await sendPage(this.pages, request, reply, { page: 'check-your-inbox', data, brand, locale });
  }

  async refused(
    request: FastifyRequest,
    reply: FastifyReply,
    { domain, lists, brand }: { domain: string; lists: readonly List[]; brand: Brand },
  ): Promise<void> {
    if (wantsJson(request)) {
      const spoken = visitorLanguage(this.pages, request);
      await reply.send({
        state: 'refused',
        title: this.pages.say(spoken, 'refused.title'),
        message: this.pages.say(spoken, 'refused.lead', { domain }),
        statusUrl: null,
      });
      return;
    }
    const query = new URLSearchParams(lists.map(({ slug }): [string, string] => ['list', slug])).toString();
    await sendPage(this.pages, request, reply, {
      page: 'sign-up-refused',
      data: { domain, formUrl: query === '' ? '/subscribe' : `/subscribe?${query}` },
      brand,
    });
  }
}

/** The script of an embedded form, and not a browser that follows a link. */
export function wantsJson({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}
