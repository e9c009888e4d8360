import { expect, test } from '@jest/globals';
import { Circuit } from './circuit.js';

test('opens on trouble, lets one mail probe after a growing pause, closes on an answer', () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  expect(circuit.mayTry() && circuit.mayTry()).toBe(true);
  circuit.failed();
  expect([circuit.closed, circuit.ready, circuit.mayTry()]).toEqual([false, false, false]);
  now += 1_100;
  expect([circuit.ready, circuit.mayTry(), circuit.mayTry()]).toEqual([true, true, false]);
  circuit.failed();
  now += 1_700;
  expect(circuit.ready).toBe(false);
  now += 600;
  expect(circuit.mayTry()).toBe(true);
  circuit.succeeded();
  expect([circuit.closed, circuit.mayTry(), circuit.mayTry()]).toEqual([true, true, true]);
});

test('mails that were under way together count as one failure', () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  for (let mail = 0; mail < 10; mail += 1) circuit.failed();
  now += 1_100;
  expect(circuit.ready).toBe(true);
});

test('a probe that never asked the relay leaves the place to another', () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  circuit.failed();
  now += 1_100;
  expect(circuit.mayTry()).toBe(true);
  circuit.untried();
  expect([circuit.closed, circuit.ready, circuit.mayTry()]).toEqual([false, true, true]);
});

test('trouble right after a recovery opens it again', () => {
  const circuit = new Circuit(() => 0);
  circuit.failed();
  circuit.succeeded();
  circuit.failed();
  expect(circuit.closed).toBe(false);
});
