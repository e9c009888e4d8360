import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contrast, paletteOf } from './palette.js';

test('the house accent gives the house look', () => {
  expect(paletteOf('#b4441c')).toEqual({
    accent: '#b4441c',
    onAccent: '#ffffff',
    link: '#b4441c',
    linkDark: '#f0936b',
    buttonDark: '#b4441c',
    onButtonDark: '#ffffff',
  });
});

test('any colour stays readable', () => {
  const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(hex, (colour) => {
      const palette = paletteOf(colour);
      expect(contrast(palette.link, '#ffffff')).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.linkDark, '#211e1b')).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.onAccent, palette.accent)).toBeGreaterThanOrEqual(4);
      expect(contrast(palette.onButtonDark, palette.buttonDark)).toBeGreaterThanOrEqual(4);
      expect(contrast(palette.buttonDark, '#211e1b')).toBeGreaterThan(1.5);
    }),
  );
});

test('a yellow button has dark words, a black one turns light on the dark card', () => {
  expect(paletteOf('#f5c518').onAccent).toBe('#1c1917');
  expect(paletteOf('#000').accent).toBe('#000000');
  expect(paletteOf('#000').buttonDark).toBe('#f3efe9');
});

test.each(['red', '', null, undefined, '#12', 'url(x)', '#b4441c;x:y'])(
  '%p counts as the house accent',
  (colour) => {
    expect(paletteOf(colour)).toEqual(paletteOf('#b4441c'));
  },
);
