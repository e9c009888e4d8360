import { expect, test } from '@jest/globals';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';
import { knownLayouts } from './known-layouts.js';

test('there are enough of them', () => {
  expect(knownLayouts.length).toBeGreaterThanOrEqual(40);
});

test.each(knownLayouts)('$who', ({ raw, expected }) => {
  for (const text of [raw, raw.replaceAll('\n', '\r\n')]) {
    const ours = understandBounce(Buffer.from(text)).recipients.map(
      ({ address, reason, hard, status }) =>
        `${address} ${reason} ${hard ? 'hard' : 'soft'} ${status ?? '-'}`,
    );
    expect(ours).toEqual(expected);
  }
});
