import { expect, test } from '@jest/globals';
import { crashOrders } from './orders.js';

/** The long form is `npm run crash -- --orders`. */
test('order events, each posted three times, while the API and the workers are killed twice: one mail each, one alert for each that failed', async () => {
  const round = await crashOrders({ mails: 100, clients: 50, redis: false });
  expect(round).toMatchObject({ problems: [], mails: 100, distinct: 100, failed: 5 });
  expect(round.copies).toBeLessThanOrEqual(round.onWire);
}, 480_000);
