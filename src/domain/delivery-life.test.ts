import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deliveryStates,
  nextState,
  statesBefore,
  withRecipients,
  type DeliveryMove,
  type DeliveryState,
} from './delivery-life.js';

const moves: DeliveryMove[] = ['claim', 'accept', 'refuse', 'defer', 'release', 'lose', 'skip', 'retry'];

describe('the life of a delivery', () => {
  test('every move that exists, and no other', () => {
    const table = deliveryStates.flatMap((state) =>
      moves.flatMap((move) => {
        const next = nextState(state, move);
        return next === undefined ? [] : [`${state} -${move}-> ${next}`];
      }),
    );
    expect(table).toEqual([
      'queued -claim-> sending',
      'queued -skip-> skipped',
      'sending -accept-> sent',
      'sending -refuse-> failed',
      'sending -defer-> deferred',
      'sending -release-> queued',
      'sending -lose-> unknown',
      'sending -skip-> skipped',
      'deferred -claim-> sending',
      'deferred -skip-> skipped',
      'failed -retry-> queued',
      'unknown -accept-> sent',
      'unknown -refuse-> failed',
      'unknown -defer-> deferred',
      'unknown -release-> queued',
      'unknown -skip-> skipped',
      'unknown -retry-> queued',
    ]);
  });

  test('sent and skipped are ends: no sequence of moves leaves them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...moves), { maxLength: 30 }), (path) => {
        let state: DeliveryState = 'queued';
        let ended: DeliveryState | undefined;
        for (const move of path) {
          state = nextState(state, move) ?? state;
          if (ended) expect(state).toBe(ended);
          if (state === 'sent' || state === 'skipped') ended = state;
        }
      }),
    );
  });

  test('nothing is handed over twice without a person or an unknown in between', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...moves), { maxLength: 40 }), (path) => {
        let state: DeliveryState = 'queued';
        let accepted = 0;
        for (const move of path) {
          const next = nextState(state, move);
          if (next === 'sent') accepted += 1;
          state = next ?? state;
        }
        expect(accepted).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('statesBefore is the inverse of nextState', () => {
    for (const move of moves) {
      expect(statesBefore(move)).toEqual(
        deliveryStates.filter((state) => nextState(state, move) !== undefined),
      );
    }
  });

  test('recipients is the sum of the states', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 7, maxLength: 7 }), (numbers) => {
        const byState = Object.fromEntries(
          deliveryStates.map((state, index) => [state, numbers[index] ?? 0]),
        );
        const counts = withRecipients(byState as Record<DeliveryState, number>);
        expect(counts.recipients).toBe(numbers.reduce((sum, number) => sum + number, 0));
      }),
    );
  });
});
