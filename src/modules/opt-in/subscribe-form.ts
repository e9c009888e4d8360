import type { FastifyRequest } from 'fastify';
import { emailAddress, localeTag, type Address } from '../../domain/index.js';
import type { SubscribeErrors } from '../../platform/pages/index.js';
import { formTexts, type List } from '../lists/index.js';
import { personName } from '../subscribers/index.js';

/** What a visitor sent, as it stands in the form. */
export interface SubscribeForm {
  readonly email: string;
  readonly name: string;
  readonly locale: string;
  readonly lists: readonly string[];
  /** The sealed field; '' in a form that did not come from us. */
  readonly started: string;
  /** Filled in a field that people do not see. */
  readonly trapped: boolean;
}

export function readForm(body: unknown): SubscribeForm {
  return {
    email: formTexts(body, 'email')[0] ?? '',
    name: one(body, 'name'),
    locale: one(body, 'locale'),
    lists: [...new Set(formTexts(body, 'list'))],
    started: one(body, 'started'),
    trapped: one(body, 'website') !== '',
  };
}

function one(body: unknown, field: string): string {
  return formTexts(body, field)[0]?.trim() ?? '';
}

/** What becomes of octets that are no UTF-8: this character, or in a urlencoded form they stay as they came. */
const broken = /\ufffd|%[89a-f][\da-f]/i;

/**
 * Whether a form came in another charset than UTF-8: it says so (the header, or `_charset_`, which browsers fill in, HTML §4.10.21.6), or
 * its octets are no UTF-8. An "é" of windows-1252 would be stored as a question mark.
 */
export function isForeign({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): boolean {
  const named = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  const said = [named, one(body, '_charset_')].filter((charset) => charset);
  if (said.some((charset) => !/^(utf-?8|us-ascii)$/i.test(charset!))) return true;
  return ['email', 'name'].some((field) => broken.test(one(body, field)));
}

/** The form without what did not arrive whole. */
export function withoutBroken(form: SubscribeForm): SubscribeForm {
  const whole = (text: string) => (broken.test(text) ? '' : text);
  return { ...form, email: whole(form.email), name: whole(form.name) };
}

export interface ValidForm {
  readonly address: Address;
  readonly lists: readonly List[];
  readonly name: string | null;
  readonly locale: string | null;
}

export type CheckedForm =
  | { readonly ok: true; readonly form: ValidForm }
  | { readonly ok: false; readonly errors: SubscribeErrors };

/** @param open the lists that anybody may join */
export function checkForm(form: SubscribeForm, open: readonly List[]): CheckedForm {
  const address = emailAddress.safeParse(form.email);
  const name = personName.nullable().safeParse(form.name === '' ? null : form.name);
  const lists = open.filter(({ slug }) => form.lists.includes(slug));
  const errors: SubscribeErrors = {};
  if (!address.success) errors.email = form.email.trim() === '' ? 'missing' : 'invalid';
  if (!name.success)
    errors.name = name.error.issues.some(({ code }) => code === 'too_big') ? 'tooLong' : 'invalid';
  if (form.lists.length === 0) errors.lists = 'missing';
  else if (lists.length < form.lists.length) errors.lists = 'unknown';
  if (!address.success || !name.success || Object.keys(errors).length > 0) return { ok: false, errors };
  // A hidden field: what a stray program wrote there is no reason to turn a visitor away.
  const locale = localeTag.safeParse(form.locale);
  return {
    ok: true,
    form: { address: address.data, lists, name: name.data, locale: locale.success ? locale.data : null },
  };
}
