import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { loadBuiltinTemplates } from './builtin-templates.js';
import { newsSource, verbatimSource, type NewsContent } from './news-source.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import type { BuiltinTemplate, FilledTemplate } from './types.js';

const UNSUBSCRIBE = 'https://mail.shop.example/unsubscribe/Zr8mW2nE5vB1';

const compiler = new TemplateCompiler();
let news: BuiltinTemplate;
beforeAll(async () => {
  const folder = fileURLToPath(new URL('../../../templates', import.meta.url));
  news = (await loadBuiltinTemplates(folder)).get('news') as BuiltinTemplate;
});
afterAll(() => compiler.close());

const source = (campaign: Partial<NewsContent>) => newsSource({ subject: 'News', ...campaign }, news);

async function fill(campaign: Partial<NewsContent>, variables = {}): Promise<FilledTemplate> {
  const compiled = await compiler.compile(source(campaign), 'en');
  return new PreparedTemplate(compiled).fill({ ...news.sample, ...variables });
}

describe('Markdown', () => {
  test('becomes HTML and text, Liquid included', async () => {
    const content =
      'Hello {{ recipient.name | default: "there" }},\n\n{% if list.slug == \'workshop-letter\' %}\n\n' +
      '**bold** and [topics]({{ links.preferences }})\n\n{% endif %}';
    const { html, text } = await fill({ content }, { recipient: { name: null, locale: 'en' } });
    expect(html).toContain('Hello there,');
    expect(html).toContain('<strong>bold</strong>');
    expect(html).toMatch(
      /<a href="https:\/\/mail\.shop\.example\/preferences\/kT3v9Qx1" style="color:#b4441c/,
    );
    expect(html).not.toMatch(/<p[^>]*>\s*<\/p>/);
    expect(text).toContain(
      'Hello there,\n\nbold and topics (https://mail.shop.example/preferences/kT3v9Qx1)\n\n--',
    );
    expect(text).toContain(`Unsubscribe: ${UNSUBSCRIBE}`);
  });

  test('raw HTML and phase-1 marks are text', async () => {
    const { html, text } = await fill({
      content: '<script>alert(1)</script> [[ t.footer_contact ]] [% if %]',
    });
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; [[ t.footer_contact ]] [% if %]');
    expect(text).toContain('<script>alert(1)</script> [[ t.footer_contact ]] [% if %]');
  });

  test('a script address is no link', async () => {
    expect((await fill({ content: '[x](javascript:alert(1))' })).html).not.toContain('href="javascript');
  });

  test('an error has the line of the Markdown', () => {
    expect(() => source({ content: '# Title\n\n{{ recipient.name | shout }}' })).toThrow(
      'line 3: content: the filter "shout" does not exist',
    );
  });
});

describe('subject and preheader', () => {
  test('take merge tags and nothing of phase 1', async () => {
    const { html, subject } = await fill({
      subject: '[[ t.x ]] for {{ recipient.name }} & "co"',
      preheader: 'Peek < {{ list.name }}',
      content: 'x',
    });
    expect(subject).toBe('[[ t.x ]] for Anna & "co"');
    expect(html).toContain('<title>[[ t.x ]] for Anna &amp; &quot;co&quot;</title>');
    expect(html).toContain('Peek &lt; The Workshop Letter&#847;');
  });
});

describe('a fragment of MJML', () => {
  const fragment = (inner: string) => `<mj-section>\n<mj-column>\n${inner}\n</mj-column>\n</mj-section>`;

  test('stands in the layout, with footer and derived text', async () => {
    const { html, text } = await fill({
      mjml: fragment("<mj-text>Dear {{ recipient.name | default: 'you' }} [[ t.x ]]</mj-text>"),
    });
    expect(html).toContain('Dear Anna [[ t.x ]]');
    expect(html).toContain(`href="${UNSUBSCRIBE}"`);
    expect(text).toContain('Dear Anna [[ t.x ]]');
    expect(text).toContain(`Unsubscribe (${UNSUBSCRIBE})`);
  });

  test('may bring wrappers of its own', async () => {
    const { html } = await fill({ mjml: `<mj-wrapper>${fragment('<mj-text>Hi</mj-text>')}</mj-wrapper>` });
    expect(html).toContain('Hi');
  });

  test('stays light when it brings colours of its own, follows the reader when not', async () => {
    const own = await fill({ mjml: fragment('<mj-text color="#000000">Hi</mj-text>') });
    expect(own.html).toContain('<meta name="color-scheme" content="light only">');
    expect(own.html).not.toMatch(/prefers-color-scheme|data-ogsc/);
    const plain = await fill({ mjml: fragment('<mj-text>Hi</mj-text>') });
    expect(plain.html).toContain('<meta name="color-scheme" content="light dark">');
    // Text that says nothing of its colours is ink: dark by day, light by night.
    expect(plain.html).toMatch(/<td[^>]* class="ink"[^>]*>\s*<div[^>]*>Hi</);
  });

  test('has its problems in its own lines', async () => {
    const compiled = compiler.compile(source({ mjml: fragment('<mj-text colour="red">x</mj-text>') }), 'en');
    await expect(compiled).rejects.toMatchObject({
      problems: [{ line: 3, message: '<mj-text>: Attribute colour is illegal' }],
    });
  });

  test.each([
    ['<mj-text><script>x</script></mj-text>', '<script> is not allowed in a mail'],
    ['<mj-raw><script type="application/ld+json">{}</script></mj-raw>', '<script> is not allowed in a mail'],
    ['<mj-text><a onclick="x">y</a></mj-text>', 'the event handler onclick in <a> is not allowed in a mail'],
  ])('%s is refused', (inner, message) => {
    expect(() => source({ mjml: fragment(inner) })).toThrow(`line 3: ${message}`);
  });
});

describe('a whole document', () => {
  const document = (inner: string, head = '') =>
    `<mjml>${head}<mj-body><mj-section><mj-column><mj-text>${inner}</mj-text></mj-column></mj-section></mj-body></mjml>`;

  test('gets our footer when it shows no way out', async () => {
    for (const hidden of ['Hi', '<!-- {{ links.unsubscribe }} -->', '{{ links.unsubscribeMail }}']) {
      const { html, text } = await fill({ mjml: document(hidden) });
      expect(html).toContain(`href="${UNSUBSCRIBE}"`);
      expect(html).toContain('14 Harbour Lane');
      expect(text).toContain(`Unsubscribe (${UNSUBSCRIBE})`);
    }
  });

  test('is left alone when it shows one', async () => {
    const { html } = await fill({ mjml: document('<a href="{{ links.unsubscribe }}">Leave</a>') });
    expect(html).toContain(`href="${UNSUBSCRIBE}"`);
    expect(html).not.toContain('14 Harbour Lane');
    expect(html).toMatch(/<html lang="en" dir="ltr"/);
    expect(html).toContain('<title>News</title>');
  });

  test('gets the preheader, unless it has its own', async () => {
    const peek = { preheader: 'Peek' };
    expect((await fill({ mjml: document('x'), ...peek })).html).toMatch(/display:none[^>]*>Peek</);
    const withHead = document('x', '<mj-head><mj-title>Mine</mj-title></mj-head>');
    expect((await fill({ mjml: withHead, ...peek })).html).toMatch(/display:none[^>]*>Peek</);
    const own = document('x', '<mj-head><mj-preview>Own</mj-preview></mj-head>');
    expect((await fill({ mjml: own, ...peek })).html).not.toContain('Peek');
  });

  test('needs a body to append to', () => {
    expect(() => source({ mjml: '<mjml></mjml>' })).toThrow('the document needs one </mj-body>');
  });
});

test('either Markdown or MJML', () => {
  expect(() => source({})).toThrow('a campaign needs content or mjml');
  expect(() => source({ content: 'x', mjml: '<mj-section></mj-section>' })).toThrow('not both');
});

test('a mail given as MJML is taken word for word', async () => {
  const mjml =
    '<mjml><mj-body><mj-section><mj-column><mj-text>[[ x ]] {{ a }}</mj-text></mj-column></mj-section></mj-body></mjml>';
  const compiled = await compiler.compile(verbatimSource({ subject: '[[ y ]]', mjml }), 'sv-SE');
  expect(compiled).toMatchObject({ subject: '[[ y ]]', text: '[[ x ]] {{ a }}', locale: 'sv-SE' });
  expect(compiled.html).toContain('[[ x ]] {{ a }}');
  const withText = await compiler.compile(verbatimSource({ subject: 's', mjml, text: '[[ own ]]' }), 'sv');
  expect(withText.text).toBe('[[ own ]]');
});
