import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contrast, isColour, readableOn, textOn } from './colour.js';

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => '#' + value.toString(16).padStart(6, '0'));

test('contrast is the ratio of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#ffffff', '#ffffff')).toBe(1);
  expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.54, 2);
});

test('six hex digits and nothing around them', () => {
  expect(isColour('#B4441c')).toBe(true);
  for (const other of ['b4441c', '#b4441', '#b4441c ', '#b4441g', 'red', ''])
    expect(isColour(other)).toBe(false);
});

test('text on any colour reads at 4.5 : 1 or as near to it as ink and white come', () => {
  fc.assert(fc.property(colour, (background) => contrast(textOn(background), background) > 4.1));
});

test('a link in any brand colour reads on paper and in the dark', () => {
  fc.assert(
    fc.property(colour, (brand) => {
      return (
        contrast(readableOn('#faf8f5', brand), '#faf8f5') >= 4.5 &&
        contrast(readableOn('#211e1b', brand), '#211e1b') >= 4.5
      );
    }),
  );
  expect(readableOn('#faf8f5', '#b4441c')).toBe('#b4441c');
});
