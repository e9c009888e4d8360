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
  /** The sealed field; '' in a form that did not come from `GET /subscribe`. */
  readonly started: string;
  /** Filled in a field that people do not see. */
  readonly trapped: boolean;
}

export function readForm(body: unknown): SubscribeForm {
  return {
    email: one(body, 'email'),
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
  if (!address.success) errors.email = form.email === '' ? 'missing' : 'invalid';
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
