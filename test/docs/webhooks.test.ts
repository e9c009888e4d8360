import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { dataOf } from '../../src/modules/webhooks/payload.js';
import { publicEvents, TEST_EVENT } from '../../src/modules/webhooks/public-events.js';

const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(
  ([, json]) => JSON.parse(json ?? '') as { type: string; timestamp: string; data: Record<string, unknown> },
);

test('docs/webhooks.md has one example of every event type, and no other', () => {
  expect(examples.map(({ type }) => type).toSorted()).toEqual([...publicEvents, TEST_EVENT].toSorted());
});

test.each(examples.filter(({ type }) => type !== TEST_EVENT))(
  'the example of $type has what is sent',
  (example) => {
    const sent = dataOf({
      id: 1,
      bucket: '2026-11-01',
      type: example.type,
      at: new Date(example.timestamp),
      personId: null,
      listId: null,
      campaignId: null,
      messageId: null,
      deliveryId: null,
      data: {},
    });
    expect(Object.keys(example)).toEqual(['type', 'timestamp', 'data']);
    expect(new Date(example.timestamp).toISOString()).toBe(example.timestamp);
    expect(Object.keys(example.data)).toEqual(expect.arrayContaining(Object.keys(sent)));
  },
);
