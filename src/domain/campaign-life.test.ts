import { expect, test } from '@jest/globals';
import { campaignStates, isEditable, nextCampaignState, type CampaignMove } from './campaign-life.js';

const moves: CampaignMove[] = [
  'send',
  'schedule',
  'unschedule',
  'pause',
  'resume',
  'cancel',
  'finish',
  'resend',
];

test('every move of a campaign that exists, and no other', () => {
  const table = campaignStates.flatMap((state) =>
    moves.flatMap((move) => {
      const next = nextCampaignState(state, move);
      return next === undefined ? [] : [`${state} -${move}-> ${next}`];
    }),
  );
  expect(table).toEqual([
    'draft -send-> sending',
    'draft -schedule-> scheduled',
    'draft -cancel-> cancelled',
    'scheduled -send-> sending',
    'scheduled -schedule-> scheduled',
    'scheduled -unschedule-> draft',
    'scheduled -cancel-> cancelled',
    'sending -pause-> paused',
    'sending -cancel-> cancelled',
    'sending -finish-> finished',
    'sending -resend-> sending',
    'paused -resume-> sending',
    'paused -cancel-> cancelled',
    'paused -resend-> paused',
    'finished -resend-> sending',
  ]);
});

test('what has been sent is changed no more, whatever follows', () => {
  const editable = campaignStates.filter(isEditable);
  expect(editable).toEqual(['draft', 'scheduled']);
  const sent = campaignStates.filter((state) => !isEditable(state));
  for (const state of sent)
    for (const move of moves) {
      const next = nextCampaignState(state, move);
      if (next !== undefined) expect(isEditable(next)).toBe(false);
    }
});
