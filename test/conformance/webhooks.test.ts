import { describe, expect, test } from '@jest/globals';
import { committedHooks, hooksPath, hooksReport, judgeHooks } from './webhooks.js';

describe.each([...new Set([committedHooks, hooksPath()])])('webhooks that nobody here wrote: %s', (path) => {
  test('each gives exactly the events that are listed, and a bad one changes nothing', async () => {
    const judged = await judgeHooks(path);
    expect(judged.length).toBeGreaterThanOrEqual(63);
    if (judged.some(({ right }) => !right)) throw new Error(hooksReport(judged));
  });
});
