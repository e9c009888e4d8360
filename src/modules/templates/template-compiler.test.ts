import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MjmlWorker } from './mjml-worker.js';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateCompiler } from './template-compiler.js';
import { TemplateError, type TemplateProblem } from './template-error.js';
import type { TemplateSource } from './types.js';

const compiler = new TemplateCompiler();
afterAll(() => compiler.close());

const textMjml = (text: string) =>
  `<mjml>\n<mj-body>\n<mj-section><mj-column>\n<mj-text>${text}</mj-text>\n</mj-column></mj-section>\n</mj-body>\n</mjml>`;

const sourceOf = (changes: Partial<TemplateSource>): TemplateSource => ({
  mjml: textMjml('Hello'),
  text: null,
  subject: 'Subject',
  phrases: { en: {} },
  ...changes,
});

const compile = (changes: Partial<TemplateSource>, locale = 'en') =>
  compiler.compile(sourceOf(changes), locale);

async function problemsOf(changes: Partial<TemplateSource>): Promise<TemplateProblem[]> {
  const error: unknown = await compile(changes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TemplateError);
  return (error as TemplateError).problems;
}

describe('phase 1', () => {
  test('puts phrases in as text and leaves their merge tags for phase 2', async () => {
    const phrases = { en: { greeting: "Fish & chips, {{ name | default: 'you' }}", 'a.b': 'dotted' } };
    const { html } = await compile({ mjml: textMjml(`[[ t.greeting ]] [[ t['a.b'] ]]`), phrases });
    expect(html).toContain("Fish &amp; chips, {{ name | default: 'you' }} dotted");
  });

  test('renders layouts and partials from the source alone', async () => {
    const partials = {
      'layouts/l': textMjml('[% block content %][% endblock %]'),
      'partials/p': 'from [[ who ]]',
    };
    const mjml =
      "[% layout 'layouts/l' %][% block content %][% render 'partials/p', who: lang %][% endblock %]";
    expect((await compile({ mjml, partials })).html).toContain('from en');
    expect((await problemsOf({ mjml: "[% layout '/etc/passwd' %]" }))[0]?.message).toMatch(/etc\/passwd/);
  });

  test('takes slots as they are', async () => {
    const mjml = textMjml('[[ slots.words ]]');
    const { html } = await compile({ mjml, slots: { words: '[[ t.secret ]] [% if %] {{ name }}' } });
    expect(html).toContain('[[ t.secret ]] [% if %] {{ name }}');
  });

  test('sets language and direction, also on a document that names none', async () => {
    const german = await compile({ mjml: textMjml('Hallo'), phrases: { en: {}, de: {} } }, 'de-AT');
    expect(german.html).toMatch(/<html lang="de-AT" dir="ltr"/);
    const arabic = await compile({ phrases: { en: {}, ar: {} } }, 'ar');
    expect(arabic.html).toMatch(/<html lang="ar" dir="rtl"/);
    const own = await compile({ mjml: textMjml('Hej').replace('<mjml>', '<mjml lang="sv" dir="ltr">') });
    expect(own.html).toMatch(/<html lang="sv" dir="ltr"/);
  });

  test('a brand colour survives colour attributes', async () => {
    const mjml = textMjml('x').replace('<mj-text>', '<mj-text color="[[ accent ]]">');
    const { html } = await compile({ mjml });
    expect(html).toContain("color:{{ brand.colour | tone: 'accent' }}");
    expect(
      new PreparedTemplate({ html, text: '', subject: '', locale: 'en' }).fill({
        brand: { colour: '#123456' },
      }).html,
    ).toContain('color:#123456');
  });

  test('gives a document without a title the subject', async () => {
    const { html } = await compile({ subject: 'A "fine" {{ thing }}' });
    expect(html).toContain('<title>A &quot;fine&quot; {{ thing }}</title>');
  });
});

describe('errors name line and thing', () => {
  test('in phase 1', async () => {
    expect(await problemsOf({ mjml: textMjml('[[ t.nothing ]]') })).toEqual([
      { line: 4, message: 'mjml: the variable "t.nothing" is missing' },
    ]);
    expect((await problemsOf({ subject: '[% if x %]' }))[0]?.message).toMatch(/^subject: .*not closed/);
  });

  test('in phase 2', async () => {
    expect(await problemsOf({ mjml: textMjml('\n{{ name | shout }}') })).toEqual([
      { line: 5, message: 'mjml: the filter "shout" does not exist' },
    ]);
    expect(await problemsOf({ mjml: textMjml('{% for x in y %}') })).toEqual([
      { line: 4, message: 'mjml: tag {% for x in y %} not closed' },
    ]);
    expect(await problemsOf({ text: 'a\n{% include "x" %}' })).toEqual([
      { part: 'text', line: 2, message: 'text: the tag "include" does not exist' },
    ]);
  });

  test('in MJML', async () => {
    const unknown = textMjml('x').replace('<mj-text>', '<mj-text colour="red">');
    expect(await problemsOf({ mjml: unknown })).toEqual([
      { line: 4, message: '<mj-text>: Attribute colour is illegal' },
    ]);
    const noSuchTag = textMjml('x').replace(/mj-text/g, 'mj-txt');
    expect((await problemsOf({ mjml: noSuchTag }))[0]?.message).toMatch(/mj-txt/);
    const colour = textMjml('x').replace('<mj-text>', '<mj-text color="{{ brand.colour }}">');
    expect(await problemsOf({ mjml: colour })).toEqual([
      { line: 4, message: expect.stringMatching(/Attribute color/) },
    ]);
  });

  test('in the lines of the author, not of the layout around them', async () => {
    const partials = { l: `<mjml>\n<mj-body>\n\n\n[% block content %][% endblock %]\n</mj-body>\n</mjml>` };
    const mjml =
      "[% layout 'l' %]\n[% block content %]\n<mj-section>\n{% if a %}\n</mj-section>\n[% endblock %]";
    expect((await problemsOf({ mjml, partials }))[0]).toEqual({
      line: 4,
      message: expect.stringMatching(/mj-raw/),
    });
  });

  test('all at once', async () => {
    const problems = await problemsOf({
      mjml: textMjml('<script></script>{% if %}'),
      text: '{{',
      subject: '{{',
    });
    expect(problems.map(({ message }) => message.split(/[ :]/)[0])).toEqual([
      '<script>',
      'mjml',
      'subject',
      'text',
    ]);
  });
});

describe('the text part of foreign MJML', () => {
  test('keeps merge tags, control tags and links', async () => {
    const { text } = await compile({
      mjml: textMjml(
        '<h1>Hello {{ name | default: "you" }}</h1>{% if vip < 3 %}<p>A <a href="{{ links.shop }}">gift</a></p>{% endif %}' +
          '<p><a href="https://shop.example/">https://shop.example/</a> <img src="x.png" alt="A bowl"></p>',
      ),
    });
    expect(text).toContain('Hello {{ name | default: "you" }}');
    expect(text).toMatch(/\{% if vip < 3 %\}\s*A gift \(\{\{ links\.shop \}\}\)\s*\{% endif %\}/);
    expect(text).toContain('https://shop.example/ A bowl');
    const filled = new PreparedTemplate({ html: '', subject: '', locale: 'en', text }).fill({
      name: null,
      vip: 1,
      links: { shop: 'https://shop.example/gift?a=1&b=2' },
    });
    expect(filled.text).toContain('A gift (https://shop.example/gift?a=1&b=2)');
  });

  test('leaves out the hidden preheader', async () => {
    const mjml = textMjml('Body').replace(
      '<mj-body>',
      '<mj-head><mj-preview>Peek</mj-preview></mj-head><mj-body>',
    );
    expect((await compile({ mjml })).text).toBe('Body');
  });
});

test("keeps the lines of preformatted text and drops MJML's indentation", async () => {
  const { html } = await compile({ mjml: textMjml('<pre>a\n    b</pre>') });
  expect(html).toContain('<pre>a\n    b</pre>');
  expect(html.replace(/<pre>[\s\S]*<\/pre>/, '')).not.toMatch(/\n\s/);
});

test('Liquid survives <mj-style inline="inline">', async () => {
  const style = '<mj-head><mj-style inline="inline">p { color: red }</mj-style></mj-head><mj-body>';
  const { html } = await compile({
    mjml: textMjml('<p>{% if a < b %}{{ x | default: "y" }}{% endif %}</p>').replace('<mj-body>', style),
  });
  expect(html).toContain('{% if a < b %}{{ x | default: "y" }}{% endif %}');
});

test('warns before Gmail cuts the mail off', async () => {
  const kilobytes = async (count: number) =>
    (await compile({ text: '', mjml: textMjml('x'.repeat(count * 1024)) })).warnings;
  expect(await kilobytes(10)).toEqual([]);
  expect(await kilobytes(92)).toEqual([expect.stringMatching(/^the HTML has 9\d KB, close to the 102 KB/)]);
  expect(await kilobytes(110)).toEqual([expect.stringMatching(/^the HTML has 11\d KB: Gmail cuts off/)]);
});

describe('the worker thread', () => {
  const slow = textMjml('<p>x</p>'.repeat(40_000));

  test('does not block this one', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await compile({ mjml: slow, text: '' });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  test('a compile that takes too long is stopped, and the next one works', async () => {
    const impatient = new TemplateCompiler({ timeoutMs: 1 });
    await expect(impatient.compile(sourceOf({ mjml: slow, text: '' }), 'en')).rejects.toThrow(
      'longer than 1 ms',
    );
    await impatient.close();
    expect((await compile({})).html).toContain('Hello');
  });

  test('is started anew after it died', async () => {
    const mjml = new MjmlWorker(15_000);
    await mjml.compile(textMjml('one'));
    await (mjml as unknown as { worker: Worker }).worker.terminate();
    expect(await mjml.compile(textMjml('two'))).toContain('two');
    await mjml.close();
  });

  test('close ends what is in hand and what comes after', async () => {
    const closing = new TemplateCompiler();
    const inHand = closing.compile(sourceOf({}), 'en');
    const refused = expect(inHand).rejects.toThrow(/stopped|closed/);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await closing.close();
    await refused;
    await expect(closing.compile(sourceOf({}), 'en')).rejects.toThrow('the template compiler is closed');
  });
});
