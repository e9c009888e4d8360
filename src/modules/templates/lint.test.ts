import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { CONTENT_TAGS, lintMjml } from './lint.js';

const problemsOf = (mjml: string) => lintMjml(mjml).problems;
const inBody = (mjml: string) => `<mjml>\n<mj-body>\n${mjml}\n</mj-body>\n</mjml>`;
const inText = (html: string) =>
  inBody(`<mj-section><mj-column><mj-text>${html}</mj-text></mj-column></mj-section>`);

test('knows the elements that hold content as MJML does', () => {
  const { components } = createRequire(import.meta.url)('mjml-core') as {
    components: Record<string, { endingTag?: boolean }>;
  };
  createRequire(import.meta.url)('mjml');
  const empty = new Set(['mj-breakpoint', 'mj-carousel-image']);
  const withContent = Object.keys(components).filter(
    (name) => components[name]?.endingTag && !empty.has(name),
  );
  expect([...CONTENT_TAGS].sort()).toEqual([...withContent, 'mj-html-attribute'].sort());
});

describe('what MJML swallows', () => {
  test('bare Liquid between its tags', () => {
    expect(problemsOf(inBody('{% if order.note %}\n<mj-section></mj-section>\n{% endif %}'))).toEqual([
      {
        line: 3,
        message:
          '{% if order.note %} stands directly in <mj-body>, where MJML drops it: put it inside <mj-raw>',
      },
      {
        line: 5,
        message: '{% endif %} stands directly in <mj-body>, where MJML drops it: put it inside <mj-raw>',
      },
    ]);
  });

  test('bare text', () => {
    expect(problemsOf(inBody('<mj-section><mj-column>Hello there</mj-column></mj-section>'))).toEqual([
      {
        line: 3,
        message:
          'the text "Hello there" stands directly in <mj-column>, where MJML drops it: put it inside <mj-text>',
      },
    ]);
  });

  test('a tag that is not closed', () => {
    expect(
      problemsOf(inBody('<mj-section>\n<mj-column>\n<mj-text>Hello\n</mj-column></mj-section>')),
    ).toEqual([{ line: 5, message: '<mj-text> is not closed before </mj-column>' }]);
    expect(problemsOf('<mjml>\n<mj-body>')).toEqual([
      { line: 1, message: '<mjml> is not closed before the end' },
      { line: 2, message: '<mj-body> is not closed before the end' },
    ]);
  });

  test('a tag that closes nothing', () => {
    expect(problemsOf(inBody('</mj-column>'))).toEqual([{ line: 3, message: '</mj-column> closes nothing' }]);
  });

  test('MJML inside text, and includes', () => {
    expect(problemsOf(inText('<mj-button href="x">Go</mj-button>'))[0]?.message).toBe(
      '<mj-button> stands inside <mj-text>, where MJML leaves it as it is',
    );
    expect(problemsOf(inBody('<mj-include path="/etc/passwd" />'))[0]?.message).toMatch(
      '<mj-include> is switched off',
    );
  });

  test('a quote that never ends', () => {
    expect(problemsOf(inBody('<mj-section css-class="a>\n</mj-section>'))[0]).toEqual({
      line: 3,
      message: '<mj-section never ends (a quote or a closing mark is missing)',
    });
    expect(problemsOf(inText('{{ name'))[0]?.message).toMatch('{{ never ends');
  });
});

describe('what is fine', () => {
  test.each([
    [
      'Liquid in mj-raw',
      inBody('<mj-raw>{% if a < b %}</mj-raw><mj-section></mj-section><mj-raw>{% endif %}</mj-raw>'),
    ],
    [
      'comparisons and tags in Liquid',
      inText('{% if a < b and c > d %}<b>{{ x | default: "<y>" }}</b>{% endif %}'),
    ],
    ['void elements and optional ends', inText('a<br>b<hr><ul><li>1<li>2</ul>')],
    ['Liquid in quoted attributes', inText('<a href="{{ url }}" class="a {% if x %}b{% endif %}">x</a>')],
    ['a whole attribute under a condition', inText('<td {% if wide %}colspan="2"{% endif %}>x</td>')],
    ['comments', inBody('<!-- {% if %} <mj-text> -->')],
    ['CSS', '<mjml><mj-head><mj-style>a > b { color: red }</mj-style></mj-head><mj-body></mj-body></mjml>'],
  ])('%s', (_, mjml) => {
    expect(lintMjml(mjml)).toEqual({ problems: [], warnings: [] });
  });
});

test('warns of what mail programs show badly', () => {
  expect(lintMjml(inText('<b>bold\n<img src="x">\n</div>')).warnings).toEqual([
    { line: 4, message: '<img> has no alt text' },
    { line: 5, message: '</div> closes nothing' },
    { line: 3, message: '<b> is not closed before </mj-text>' },
  ]);
});

describe('what no mail may carry', () => {
  test.each([
    ['a script', inText('<script>x</script>'), '<script> is not allowed'],
    ['a script in mj-raw', inBody('<mj-raw><ScRiPt src="x"></sCrIpT></mj-raw>'), '<script> is not allowed'],
    ['a frame', inText('<iframe src="x"></iframe>'), '<iframe> is not allowed'],
    ['an event handler', inText('<img alt="" src=x onerror=alert(1)>'), 'the event handler onerror in <img>'],
    ['a handler behind a slash', inText('<img alt=""/onload="x">'), 'the event handler onload in <img>'],
    [
      'a handler by mj-html-attributes',
      '<mjml><mj-head><mj-html-attributes><mj-selector path="a"><mj-html-attribute name="onclick">x' +
        '</mj-html-attribute></mj-selector></mj-html-attributes></mj-head><mj-body></mj-body></mjml>',
      'the event handler name in <mj-html-attribute>',
    ],
    [
      'a script address',
      inText('<a href=" java&#x73;cript:alert(1)">x</a>'),
      'the script address in href of <a>',
    ],
    [
      'one cut by Liquid',
      inText(`<a href="java{{ '' }}script:x">x</a>`),
      'the script address in href of <a>',
    ],
    ['a tag built by Liquid', inText(`<{{ 'script' }}>x</{{ 'script' }}>`), 'Liquid directly after "<"'],
    [
      'a handler built by Liquid',
      inText('<img alt="" {{ x }}="y">'),
      'Liquid in <img> must stand inside a quoted',
    ],
    [
      'a name cut by Liquid',
      inText('<img alt="" on{% if 1 %}error="x"{% endif %}>'),
      'Liquid in <img> must stand',
    ],
    ['a script behind an odd comment', inText('<!--><script>x</script>-->'), '<script> is not allowed'],
    [
      'a script behind a style',
      inText('<style/><img alt="</style><script>x</script>">'),
      '<script> is not allowed',
    ],
    [
      'a way out of mj-style',
      '<mjml><mj-head><mj-style></style><script>x</script></mj-style></mj-head><mj-body></mj-body></mjml>',
      '<mj-style> holds CSS only',
    ],
    [
      'a way out of aria-label',
      '<mjml><mj-head><mj-title>x" onclick="y</mj-title></mj-head><mj-body></mj-body></mjml>',
      '<mj-title> holds plain text',
    ],
    [
      'a way out of an attribute',
      inBody(`<mj-section css-class='a" onclick="x'></mj-section>`),
      'a double quote in css',
    ],
    [
      'a redirect',
      inBody('<mj-raw><meta http-equiv="refresh" content="0"></mj-raw>'),
      '<meta http-equiv="refresh">',
    ],
  ])('%s', (_, mjml, message) => {
    expect(problemsOf(mjml).map((problem) => problem.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });

  test('JSON-LD is data and may stay', () => {
    expect(
      problemsOf(inBody('<mj-raw><script type="application/ld+json">{"a": 1}</script></mj-raw>')),
    ).toEqual([]);
  });
});
