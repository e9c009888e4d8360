import { expect, test } from '@jest/globals';
import { diskRoom, inGib } from './disk-room.js';

test('little room is below 2 GiB, none below a quarter of one', () => {
  expect([2 ** 31, 2 ** 31 - 1, 2 ** 28, 2 ** 28 - 1, 0].map(diskRoom)).toEqual([
    'enough',
    'little',
    'little',
    'none',
    'none',
  ]);
});

test('octets as an operator reads them', () => {
  expect([0, 1.44 * 2 ** 30, 12.4 * 2 ** 30].map(inGib)).toEqual(['0.0 GiB', '1.4 GiB', '12 GiB']);
});
