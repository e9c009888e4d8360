import { expect, test } from '@jest/globals';
import type { RelayUse } from './relay-use.js';
import { Reservation } from './reservation.js';

const use = { name: 'default' } as RelayUse;

function reserved({ room = 0, until = 1_000 }) {
  const state = { now: 0, room, asked: 0, back: 0 };
  const again = async () => {
    state.asked += 1;
    return state.room-- > 0 ? 1 : 0;
  };
  const giveBack = (count: number) => (state.back += count);
  return {
    state,
    room: new Reservation(use, { granted: 10, until, giveBack }, again, () => state.now),
  };
}

test('in its time nothing is asked, and what did not leave goes back', () => {
  const { state, room } = reserved({});
  for (let mail = 0; mail < 7; mail += 1) expect(room.mayLeave()).toBe(true);
  room.settle(7);
  expect(state).toMatchObject({ asked: 0, back: 3 });
});

test('after its time each mail is asked for', async () => {
  const { state, room } = reserved({ room: 2 });
  for (let mail = 0; mail < 3; mail += 1) expect(room.mayLeave()).toBe(true);
  state.now = 1_000;
  expect(await Promise.all([room.mayLeave(), room.mayLeave(), room.mayLeave()])).toEqual([true, true, false]);
  room.settle(5);
  expect(state).toMatchObject({ asked: 3, back: 7 });
});

test('without a pace there is no end of time', () => {
  const { state, room } = reserved({ until: Infinity });
  state.now = 1e12;
  expect(room.mayLeave()).toBe(true);
  expect(state.asked).toBe(0);
});
