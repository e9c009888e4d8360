import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectedTotal, type OrderSums } from './order-total.js';

const bowl = { quantity: 1, unitPrice: '89.00' };
const towels = { quantity: 3, unitPrice: '14.50', total: '43.50' };

test.each<[string, OrderSums, string | undefined]>([
  ['items alone', { items: [bowl], total: '89.00' }, undefined],
  ['items and shipping', { items: [bowl], shipping: '6.90', total: '95.90' }, undefined],
  [
    'tax beside the prices',
    {
      items: [bowl, towels],
      subtotal: '132.50',
      shipping: '6.90',
      tax: '33.13',
      discount: '5.00',
      total: '167.53',
    },
    undefined,
  ],
  ['tax inside the prices', { items: [bowl], tax: '14.21', total: '89.00' }, undefined],
  ['a discount that is in the lines', { items: [bowl], discount: '5.00', total: '89.00' }, undefined],
  ['a discount below zero', { items: [bowl], discount: '-5.00', total: '84.00' }, undefined],
  ['a gift card as a negative fee', { items: [bowl], fees: '-50.00', total: '39.00' }, undefined],
  [
    'a part of a kilogram, rounded',
    { items: [{ quantity: 0.333, unitPrice: '9.99' }], total: '3.33' },
    undefined,
  ],
  ['nothing to compare with', { items: [{ quantity: 2 }], total: '1.00' }, undefined],
  ['a total from another order', { items: [bowl], total: '980.00' }, '89.00'],
  ['cents that are missing', { items: [bowl], shipping: '6.90', total: '95.00' }, '95.90'],
  [
    'no price, but a subtotal',
    { items: [{ quantity: 1 }], subtotal: '10.00', shipping: '1.00', total: '12.00' },
    '11.00',
  ],
])('%s', (_, order, expected) => {
  expect(expectedTotal(order, 2)).toBe(expected);
});

test('yen have no digits after the point', () => {
  expect(expectedTotal({ items: [{ quantity: 2, unitPrice: '1200' }], total: '2400' }, 0)).toBeUndefined();
  expect(expectedTotal({ items: [{ quantity: 2, unitPrice: '1200' }], total: '2402' }, 0)).toBe('2400');
});

test('whatever was added up exactly is right, and a coin more is wrong', () => {
  const cents = fc.integer({ min: 1, max: 1_000_000 });
  const money = (value: number): string => (value / 100).toFixed(2);
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1, maxLength: 4 }), cents, cents, (lines, shipping, off) => {
      const sum = lines.reduce((a, b) => a + b, 0) + shipping;
      const order = {
        items: lines.map((line) => ({ quantity: 1, total: money(line) })),
        shipping: money(shipping),
      };
      expect(expectedTotal({ ...order, total: money(sum) }, 2)).toBeUndefined();
      // More than the half cent that each of at most five roundings may cost.
      expect(expectedTotal({ ...order, total: money(sum + off + 2) }, 2)).toBe(money(sum));
    }),
  );
});
