import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  orderEventTypes,
  orderState,
  whyNoOrderMail,
  type OrderEventType,
  type OrderSkipReason,
  type OrderState,
  type ReceivedOrderEvent,
} from './order-life.js';

/** `shipped#a@3`: the parcel a was shipped at the third hour. */
function told(text: string): ReceivedOrderEvent {
  const [, type = '', part = '', hour = '0'] = /^(\w+)(?:#(\w+))?(?:@(\d+))?$/.exec(text) ?? [];
  return {
    type: `order.${type}` as OrderEventType,
    part,
    occurredAt: new Date(Date.UTC(2026, 10, 22, Number(hour))),
    mailed: true,
  };
}

const life = (...events: string[]): ReceivedOrderEvent[] => events.map(told);

describe('which event sends a mail', () => {
  test.each<[string, ReceivedOrderEvent[], string, OrderSkipReason | undefined]>([
    ['the first event is placed', [], 'placed', undefined],
    ['the first event is shipped', [], 'shipped#a', undefined],
    ['a second parcel', life('placed', 'shipped#a'), 'shipped#b', undefined],
    ['the same parcel by another event', life('placed', 'shipped#a'), 'shipped#a', 'duplicate'],
    ['placed twice', life('placed'), 'placed', 'duplicate'],
    ['placed after the parcel', life('shipped#a'), 'placed', 'late'],
    ['placed after a quicker payment', life('paid@1'), 'placed', undefined],
    ['one payment through two channels', life('placed', 'paid'), 'paid', 'duplicate'],
    ['a receipt after the parcel', life('placed', 'shipped'), 'paid@9', undefined],
    ['a failed payment that was tried again since', life('paid@2'), 'payment_failed@1', 'late'],
    ['a payment that fails after another', life('paid@1'), 'payment_failed@2', undefined],
    ['processing after the parcel', life('shipped'), 'processing', 'late'],
    ['a hold that is over', life('processing@4'), 'on_hold@3', 'late'],
    ['a hold in the middle', life('processing@3'), 'on_hold@4', undefined],
    ['back-ordered after a part of it has left', life('partially_shipped#a'), 'backordered', undefined],
    ['back-ordered after all has left', life('shipped'), 'backordered', 'late'],
    ['out for delivery after delivery', life('delivered#a'), 'out_for_delivery#a', 'late'],
    ['out for delivery, another parcel', life('delivered#a'), 'out_for_delivery#b', undefined],
    ['shipped after a delivery that names no parcel', life('delivered'), 'shipped#b', 'late'],
    ['a part of the order after that very parcel', life('shipped#a'), 'partially_shipped#a', 'late'],
    ['a part of the order after the last parcel', life('shipped#b'), 'partially_shipped#a', undefined],
    ['licence keys after the parcel', life('delivered'), 'fulfilled', undefined],
    ['shipped after cancelled', life('placed', 'cancelled'), 'shipped', 'cancelled'],
    ['paid after cancelled', life('cancelled'), 'paid', 'cancelled'],
    ['shipped after refunded', life('placed', 'refunded#r'), 'shipped', 'refunded'],
    ['the money back after a cancellation', life('cancelled'), 'refunded#r', undefined],
    ['a cancellation after the money is back', life('refunded#r'), 'cancelled', undefined],
    ['a cancellation after delivery', life('delivered'), 'cancelled', 'late'],
    ['two refunds', life('partially_refunded#a@1'), 'partially_refunded#b@2', undefined],
    ['a part of the money after all of it', life('refunded#b@2'), 'partially_refunded#a@1', 'late'],
  ])('%s', (_, received, next, reason) => {
    expect(whyNoOrderMail(received, told(next))).toBe(reason);
  });

  test('late twice is late, not a duplicate: no mail was sent for it', () => {
    const silent = { ...told('placed'), mailed: false };
    expect(whyNoOrderMail([told('shipped'), silent], told('placed'))).toBe('late');
  });

  const anyEvent = fc.record({
    type: fc.constantFrom(...orderEventTypes),
    part: fc.constantFrom('', 'a', 'b'),
    occurredAt: fc.integer({ min: 0, max: 5 }).map((hour) => new Date(Date.UTC(2026, 0, 1, hour))),
  });

  test('whatever comes in whatever order, one mail each, and none but money after the end', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        const received: ReceivedOrderEvent[] = [];
        for (const event of events) {
          received.push({ ...event, mailed: whyNoOrderMail(received, event) === undefined });
        }
        const mails = received.filter(({ mailed }) => mailed);
        expect(new Set(mails.map(({ type, part }) => `${type}#${part}`)).size).toBe(mails.length);
        const end = received.findIndex(({ type }) => type === 'order.cancelled' || type === 'order.refunded');
        const after = end < 0 ? [] : received.slice(end + 1).filter(({ mailed }) => mailed);
        const stillTold = new Set(['order.cancelled', 'order.partially_refunded', 'order.refunded']);
        expect(after.filter(({ type }) => !stillTold.has(type))).toEqual([]);
      }),
    );
  });

  test('an order that runs as it should tells everything', () => {
    const received: ReceivedOrderEvent[] = [];
    for (const [hour, type] of [
      'placed',
      'paid',
      'processing',
      'shipped',
      'out_for_delivery',
      'delivered',
    ].entries()) {
      const event = told(`${type}@${hour}`);
      expect(whyNoOrderMail(received, event)).toBeUndefined();
      received.push(event);
    }
  });
});

describe('where an order stands', () => {
  test.each<[string[], OrderState]>([
    [[], 'new'],
    [['placed'], 'placed'],
    [['shipped@2', 'placed@1'], 'shipped'],
    [['placed', 'on_hold@1'], 'on_hold'],
    [['placed', 'on_hold@1', 'processing@2'], 'processing'],
    [['backordered@1', 'partially_shipped@2'], 'partially_shipped'],
    [['shipped@1', 'on_hold@2'], 'shipped'],
    [['placed', 'paid@1', 'payment_failed@2'], 'placed'],
    [['cancelled@2', 'shipped@3'], 'cancelled'],
    [['delivered@1', 'cancelled@2'], 'delivered'],
    [['cancelled@1', 'refunded@2'], 'refunded'],
    [['partially_refunded@3', 'delivered@2'], 'delivered'],
  ])('%j → %s', (events, state) => {
    expect(orderState(events.map(told))).toBe(state);
  });
});
