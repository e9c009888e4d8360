import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadBuiltinTemplates } from './builtin-templates.js';
import { joinForm } from './form-part.js';
import { newsSource } from './news-source.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import type { BuiltinTemplate, FilledTemplate, Variables } from './types.js';

const PERSONAL = ['recipient.name', 'links.unsubscribe'];

const variablesOf = (name: unknown, unsubscribe: unknown = 'https://shop.example/u/1'): Variables => ({
  brand: { name: 'Ash & Elm', words: ['oak', 'ash', 'elm'], launchedAt: '2026-11-22T23:30:00Z' },
  recipient: { name, locale: 'en' },
  links: { unsubscribe, contact: 'mailto:shop@example.com' },
  pointer: 'recipient',
});

const prepare = (parts: { html?: string; text?: string; subject?: string }) =>
  new PreparedTemplate({ html: '', text: '', subject: '', ...parts, locale: 'en' });

/** What comes of a form letter once its values are in place. */
function byForm(template: PreparedTemplate, variables: Variables, timezone: string): FilledTemplate {
  const form = template.formLetter(variablesOf(null, ''), PERSONAL);
  const { html, text, subject } = form.fill(variables, { timezone });
  return {
    html: joinForm(form.html, html),
    text: typeof text === 'string' ? text : joinForm(form.text, text),
    subject,
  };
}

function outcomeOf(fill: () => FilledTemplate): unknown {
  try {
    return fill();
  } catch (error) {
    return String(error);
  }
}

/** Pieces that a template may be made of. Some of them miss a variable, or a filter refuses what it gets. */
const PIECES = [
  '{{ recipient.name }}',
  '{{- recipient.name -}}',
  '{{ links.unsubscribe }}',
  '{{ links.contact }}',
  '{{ recipient.name | default: "there" }}',
  "{{ recipient.name | default: 'a}b' | upcase }}",
  '{{ recipient.name | truncate: 2, "" }}',
  '{{ recipient.name.size }}',
  '{{ links.unsubscribe | urlencode }}',
  '{{ brand.name }}',
  '{{ brand.words | join: ", " }}',
  '{{ brand.launchedAt | day }}',
  '{{ timezone }}',
  '{{ [pointer].name }}',
  '{{ [pointer]["name"] | default: "x" }}',
  '{{ recipient["name"] | escape }}',
  '{{ recipient.locale }}',
  '{{ recipient.size }}',
  '{{ recipient.age }}',
  '{{ brand.missing }}',
  '{{ recipient }}',
  '{% if recipient.name %}Hello {{ recipient.name }}{% else %}Hello{% endif %}',
  '{% if brand.name %}\n{{ brand.name }}\n{% endif %}',
  '{%- unless recipient.name -%}\n\nnobody\n\n{%- endunless -%}',
  '{% case recipient.name %}{% when "Ann" %}ann{% else %}other{% endcase %}',
  '{% for word in brand.words %}{{ word }}{% unless forloop.last %}, {% endunless %}{% endfor %}',
  '{% for word in brand.words limit: 1 %}{{ word }}{% endfor %}',
  '{% for word in brand.words offset: continue %}{{ word }} {{ recipient.name }}{% endfor %}',
  '{% for word in brand.words %}{% if word == recipient.name %}{% break %}{% endif %}{{ word }}{% endfor %}',
  '{% for recipient in brand.words %}{{ recipient }}{% endfor %}',
  '{% assign brand = recipient %}',
  '{% assign who = recipient.name | default: "you" %}',
  '{{ who }}',
  '{% cycle "a", "b" %}',
  '{% break %}',
  '{% echo recipient.name %}',
  '{% comment %}{{ recipient.name }}{% endcomment %}',
  '{% raw %}{{ recipient.name }}{% endraw %}',
];
const text = fc.oneof(
  fc.constantFrom('\n', '\n\n', ' ', '\r\n', '<p>', 'a', 'Grüße', '\u{1F600}', '.', 'x\n\n\ny'),
  fc.string({ unit: 'binary' }).map((any) => any.replaceAll(/[{}%]/g, '')),
);
const template = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), text), { maxLength: 12 })
  .map((pieces) => pieces.join(''));
const value = fc.oneof(
  fc.constantFrom(null, undefined, '', ' ', '\n', 'Ann', 'oak', ' Ann\n', 'a\n\n\nb', '<b>&', 7, true, {}),
  fc.string({ unit: 'binary' }),
);

describe('a form letter', () => {
  test('comes out as if the whole template had been filled, errors included', () => {
    fc.assert(
      fc.property(
        fc.record({ html: template, text: template, subject: template }),
        value,
        value,
        fc.constantFrom('UTC', 'Asia/Tokyo'),
        (parts, name, unsubscribe, timezone) => {
          const prepared = prepare(parts);
          const variables = variablesOf(name, unsubscribe);
          expect(outcomeOf(() => byForm(prepared, variables, timezone))).toEqual(
            outcomeOf(() => prepared.fill(variables, { timezone })),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('holds everything but what is personal', () => {
    const form = prepare({
      html:
        '<p>{{ brand.name }}: {{ recipient.name | default: "you" }}{{ links.unsubscribe }}' +
        '{% for word in brand.words %}{{ word }} {% endfor %}{{ links.contact }}{{ recipient.locale }}</p>',
      text: '\n\n{{ brand.name }}\n\n\n{{ recipient.name }}\n\n\n\nBye\n\n',
      subject: ' News from\n{{ brand.name }} ',
    }).formLetter(variablesOf(null), PERSONAL);
    expect(form.html).toEqual(['<p>Ash &amp; Elm: ', 'oak ash elm mailto:shop@example.comen</p>']);
    expect(form.text).toEqual(['Ash & Elm\n\n', '\n\nBye\n']);
    expect(form.subject).toBe('News from Ash & Elm');
  });

  test('a subject with a name is filled for each', () => {
    const form = prepare({ subject: 'Hi {{ recipient.name }}' }).formLetter(variablesOf(null), PERSONAL);
    expect(form.subject).toBeNull();
    expect(form.fill(variablesOf('Ann\r\nBcc: a@b')).subject).toBe('Hi Ann Bcc: a@b');
  });

  test('days are those of the recipient', () => {
    const form = prepare({ text: '{{ brand.launchedAt | day }}' }).formLetter(variablesOf(null), PERSONAL);
    expect(form.fill(variablesOf('Ann'), { timezone: 'Asia/Tokyo' }).text).toEqual(['November 23, 2026']);
    expect(form.fill(variablesOf('Ann')).text).toEqual(['November 22, 2026']);
  });

  test.each([
    ['an empty name', '', 'a\n\nb\n'],
    ['white space around it', ' Ann ', 'a\n\n Ann \nb\n'],
    ['empty lines in it', 'A\n\n\nB', 'a\n\nA\n\nB\nb\n'],
  ])('the text part stays tidy with %s', (_, name, whole) => {
    const form = prepare({ text: 'a\n\n{{ recipient.name }}\nb' }).formLetter(variablesOf(null), PERSONAL);
    expect(form.fill(variablesOf(name)).text).toBe(whole);
  });

  test('what no variable can be read for says so when it is filled', () => {
    const form = prepare({ html: 'Hi\n{{ recipient.age }}' }).formLetter(variablesOf(null), PERSONAL);
    expect(() => form.fill(variablesOf('Ann'))).toThrow(
      'line 2: html: the variable "recipient.age" is missing',
    );
  });
});

describe('the built-in news mail', () => {
  const compiler = new TemplateCompiler();
  afterAll(() => compiler.close());

  test.each(['en', 'de', 'ar', 'ja'])('in %s is a form letter of a few values', async (locale) => {
    const folder = fileURLToPath(new URL('../../../templates', import.meta.url));
    const news = (await loadBuiltinTemplates(folder)).get('news') as BuiltinTemplate;
    const content =
      'Hello {{ recipient.name | default: "there" }},\n\n[one](https://shop.example/?a=1&b=2)\n';
    const template = new PreparedTemplate(
      await compiler.compile(newsSource({ subject: 'News', content }, news), locale),
    );
    const form = template.formLetter(news.sample, [
      'recipient.name',
      'links.unsubscribe',
      'links.preferences',
    ]);
    expect([form.html.length, form.text.length]).toEqual([4, 4]);
    for (const name of [null, '', 'Zoë', '<b>\n"', '李']) {
      const variables = { ...news.sample, recipient: { name, locale } };
      const { html, text, subject } = form.fill(variables);
      expect({
        html: joinForm(form.html, html),
        text: typeof text === 'string' ? text : joinForm(form.text, text),
        subject,
      }).toEqual(template.fill(variables));
    }
  });
});
