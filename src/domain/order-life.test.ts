import { expect, test } from '@jest/globals';
import { orderState, whyNoOrderMail, type OrderEventType, type ReceivedOrderEvent } from './order-life.js';

const placed: ReceivedOrderEvent = { type: 'order.placed', part: '', mailed: true };
const shipped = (part: string): ReceivedOrderEvent => ({ type: 'order.shipped', part, mailed: true });

test.each<[string, ReceivedOrderEvent[], { type: OrderEventType; part: string }, string | undefined]>([
  ['the first event is placed', [], { type: 'order.placed', part: '' }, undefined],
  ['the first event is shipped', [], { type: 'order.shipped', part: 'a' }, undefined],
  ['shipped after placed', [placed], { type: 'order.shipped', part: 'a' }, undefined],
  ['a second shipment', [placed, shipped('a')], { type: 'order.shipped', part: 'b' }, undefined],
  [
    'the same shipment by another event',
    [placed, shipped('a')],
    { type: 'order.shipped', part: 'a' },
    'duplicate',
  ],
  ['placed twice', [placed], { type: 'order.placed', part: '' }, 'duplicate'],
  ['placed after shipped', [shipped('a')], { type: 'order.placed', part: '' }, 'late'],
  ['late twice', [shipped('a'), { ...placed, mailed: false }], { type: 'order.placed', part: '' }, 'late'],
])('%s', (_, received, next, reason) => {
  expect(whyNoOrderMail(received, next)).toBe(reason);
});

test('the state is what the events in their order of arrival made of it', () => {
  expect(orderState([])).toBe('new');
  expect(orderState(['order.placed'])).toBe('placed');
  expect(orderState(['order.shipped', 'order.placed'])).toBe('shipped');
});
