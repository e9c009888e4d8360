import { expect, test } from '@jest/globals';
import { policyHtml, shownPolicy } from './policy-html.js';

test('Markdown becomes a part of a page, below its title', () => {
  expect(policyHtml('# Who we are\n\n- one\n- **two**\n\n[us](https://shop.example/)')).toBe(
    '<h2>Who we are</h2>\n<ul>\n<li>one</li>\n<li><strong>two</strong></li>\n</ul>\n<p><a href="https://shop.example/">us</a></p>\n',
  );
  expect(policyHtml('| a |\n|---|\n| b |')).toMatch(
    /^<div class="prose-table" tabindex="0"><table>[\s\S]*<\/table><\/div>\n$/,
  );
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '![x](javascript:alert(1))',
  '<a href="javascript:alert(1)">x</a>',
  '[x]: javascript:alert(1)\n\n[x]',
])('%s runs nothing', (source) => {
  const html = policyHtml(source);
  expect(html).not.toMatch(/<(script|img|a)[\s>]/i);
});

const policy = (bodies: Record<string, string>) => ({
  id: '0198f2a0-0000-7222-8333-444455556666',
  version: '1',
  revisedOn: '2026-11-22',
  publishedAt: new Date(),
  locales: Object.keys(bodies),
  bodies,
});

test.each([
  ['de-AT', { en: 'Words', de: 'Worte' }, 'de'],
  ['fr', { de: 'Worte', en: 'Words' }, 'en'],
  ['fr', { de: 'Worte' }, 'de'],
])('a reader of %s gets of %j the one in %s', (locale, bodies, found) => {
  expect(shownPolicy(policy(bodies), locale).locale).toBe(found);
});
