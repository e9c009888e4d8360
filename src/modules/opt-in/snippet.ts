import { FormSeal, type FormSheet } from './form-seal.js';
import type { List } from '../lists/index.js';

export interface SnippetParts {
  readonly publicUrl: string;
  readonly locale: string;
  readonly lists: readonly List[];
  /** The words of the form, in its language. */
  readonly words: {
    readonly email: string;
    readonly name: string;
    readonly lists: string;
    readonly trap: string;
    readonly button: string;
    /** The sentence about the privacy policy and its link; null where none is published. */
    readonly policy: { readonly before: string; readonly link: string } | null;
  };
  readonly sheet: FormSheet;
}

/**
 * A form to paste into any page. It is plain HTML that works as it is; the script makes it answer in place. The hidden field `started`
 * holds, sealed, the words that it shows, so that the ledger gets them even when the wording here has changed since.
 */
export function snippet(seal: FormSeal, { publicUrl, locale, lists, words, sheet }: SnippetParts): string {
  const [first] = lists;
  const choices =
    lists.length === 1 && first
      ? [hidden('list', first.slug)]
      : [
          '  <fieldset>',
          `    <legend>${escape(words.lists)}</legend>`,
          ...lists.map(
            ({ slug, name }) =>
              `    <label><input type="checkbox" name="list" value="${escape(slug)}"> ${escape(name)}</label>`,
          ),
          '  </fieldset>',
        ];
  const policy = words.policy && [
    `  <p>${escape(words.policy.before)}`,
    `    <a href="${escape(publicUrl)}/privacy">${escape(words.policy.link)}</a>.</p>`,
  ];
  return [
    `<form data-postrider action="${escape(publicUrl)}/subscribe" method="post" accept-charset="utf-8" lang="${escape(locale)}">`,
    `  <p><label>${escape(words.email)} <input type="email" name="email" autocomplete="email" required maxlength="254"></label></p>`,
    `  <p><label>${escape(words.name)} <input type="text" name="name" autocomplete="name" maxlength="200"></label></p>`,
    ...choices,
    `  <p hidden><label>${escape(words.trap)} <input type="text" name="website" tabindex="-1" autocomplete="off"></label></p>`,
    `  <p>${escape(sheet.text)}</p>`,
    ...(policy ?? []),
    `  <p><button>${escape(words.button)}</button></p>`,
    hidden('locale', locale),
    hidden('started', seal.seal(sheet, null)),
    '</form>',
    `<script src="${escape(publicUrl)}/embed/subscribe.js" defer></script>`,
  ].join('\n');
}

function hidden(name: string, value: string): string {
  return `  <input type="hidden" name="${name}" value="${escape(value)}">`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
