import { describe, expect, test } from '@jest/globals';
import { PreparedTemplate } from './prepared-template.js';
import { TemplateError } from './template-error.js';

const prepare = (parts: { html?: string; text?: string; subject?: string }, locale = 'en') =>
  new PreparedTemplate({ html: '', text: '', subject: '', ...parts, locale });

const fillHtml = (html: string, variables = {}) => prepare({ html }).fill(variables).html;

describe('escaping', () => {
  const name = `<script>"Ann" & 'Bo'</script>`;

  test('in HTML by default, in text and subject not', () => {
    const filled = prepare({ html: '{{ name }}', text: '{{ name }}', subject: '{{ name }}' }).fill({ name });
    expect(filled.html).toBe('&lt;script&gt;&quot;Ann&quot; &amp; &#39;Bo&#39;&lt;/script&gt;');
    expect(filled.text).toBe(`${name}\n`);
    expect(filled.subject).toBe(name);
  });

  test('once, also with the escape filter', () => {
    expect(fillHtml('{{ name | escape }}', { name: 'a & b' })).toBe('a &amp; b');
    expect(prepare({ text: '{{ name | escape }}' }).fill({ name: 'a & b' }).text).toBe('a & b\n');
  });

  test('line breaks become <br> without opening a door', () => {
    expect(fillHtml('{{ note | newline_to_br }}', { note: 'a\n<b>' })).toBe('a<br>&lt;b&gt;');
  });

  test('JSON-LD cannot end its script element', () => {
    const filled = fillHtml('<script type="application/ld+json">{"a": {{ name | jsonld }}}</script>', {
      name,
    });
    expect(filled).not.toMatch(/<script>|&lt;|&quot;/);
    expect(JSON.parse(filled.replace(/<[^>]+>/g, ''))).toEqual({ a: name });
    expect(fillHtml('{{ x | jsonld }}', { x: '\u2028' })).toBe('"\\u2028"');
  });

  test('there is no way around it', () => {
    expect(() => prepare({ html: '{{ name | raw }}' })).toThrow('the filter "raw" does not exist');
  });

  test('a subject stays one line', () => {
    expect(prepare({ subject: 'Hi {{ name }}' }).fill({ name: 'Ann\r\nBcc: all@shop.example' }).subject).toBe(
      'Hi Ann Bcc: all@shop.example',
    );
  });
});

describe('missing variables', () => {
  test('are named, with part and line', () => {
    const template = prepare({ html: 'Hello\n{{ order.number }}' });
    expect.assertions(2);
    try {
      template.fill({ order: {} });
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError);
      expect((error as TemplateError).problems).toEqual([
        { line: 2, message: 'html: the variable "order.number" is missing' },
      ]);
    }
  });

  test('may be asked for', () => {
    expect(fillHtml('{% if order.note %}x{% else %}none{% endif %}', { order: {} })).toBe('none');
    expect(fillHtml('{% if a.b or c %}x{% else %}none{% endif %}')).toBe('none');
    expect(fillHtml("{{ recipient.name | default: 'there' }}", { recipient: { name: null } })).toBe('there');
    expect(fillHtml("{{ recipient.name | default: 'there' }}")).toBe('there');
  });

  test('inherited properties do not count', () => {
    for (const path of ['name.constructor', 'name.__proto__', 'list.map', 'toString']) {
      expect(() => fillHtml(`{{ ${path} }}`, { name: {}, list: [] })).toThrow('is missing');
    }
  });
});

describe('limits', () => {
  test('a loop that never ends is cut off', () => {
    const loop =
      '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}';
    expect(() => fillHtml(loop)).toThrow(/limit exceeded/);
  });

  test('tags that reach outside do not exist', () => {
    for (const tag of ["include 'x'", "render 'x'", "layout 'x'", 'increment x']) {
      expect(() => prepare({ html: `{% ${tag} %}` })).toThrow('does not exist');
    }
  });
});

describe('filters', () => {
  test('of our own follow locale and time zone', () => {
    const html =
      "{{ total | money: 'EUR' }}, {{ at | day }}, {{ n | plural: one: '# item', other: '# items' }}, {{ q | urlencode }}";
    const variables = { total: '1234.50', at: '2026-11-22T23:30:00Z', n: 3, q: 'a&b c' };
    expect(prepare({ html }, 'en-GB').fill(variables, { timezone: 'Asia/Tokyo' }).html).toBe(
      '€1,234.50, 23 November 2026, 3 items, a%26b%20c',
    );
  });

  test('say what they cannot use', () => {
    expect(() => fillHtml("\n{{ total | money: 'EUR' }}", { total: 'a lot' })).toThrow(
      'line 2: html: money: "a lot" is not a decimal amount',
    );
  });
});

test('each brand gets its colour, and a light one dark words', () => {
  const html =
    "<a style=\"background:{{ brand.colour | tone: 'accent' }};color:{{ brand.colour | tone: 'onAccent' }}\">";
  const template = prepare({ html });
  const filled = (colour: string) => template.fill({ brand: { colour } }).html;
  expect(filled('#b4441c')).toBe('<a style="background:#b4441c;color:#ffffff">');
  expect(filled('#f5c518')).toBe('<a style="background:#f5c518;color:#1c1917">');
  expect(filled('"><script>')).toBe(filled('#b4441c'));
});

test('conditions that were not met leave no holes in the text part', () => {
  expect(prepare({ text: 'a\n\n{% if x %}x{% endif %}\n\nb' }).fill({}).text).toBe('a\n\nb\n');
});

test('an object is no text', () => {
  expect(() => fillHtml('{{ order }}', { order: { number: 1 } })).toThrow(
    'line 1: html: an object cannot be shown',
  );
  expect(() => prepare({ text: '{{ order }}' }).fill({ order: {} })).toThrow(
    'text: an object cannot be shown',
  );
});

test('variables stay as they were', () => {
  const variables = Object.freeze({ items: Object.freeze([1, 2]) });
  expect(fillHtml('{% assign items = 3 %}{{ items }}{% for n in items %}{% endfor %}', variables)).toBe('3');
});
