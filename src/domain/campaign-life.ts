/** The life of a campaign. A paused one keeps its place; a cancelled one skips what is left and says so in the counts. */

export const campaignStates = ['draft', 'scheduled', 'sending', 'paused', 'finished', 'cancelled'] as const;
export type CampaignState = (typeof campaignStates)[number];
export type CampaignMove =
  | 'send'
  | 'schedule'
  | 'unschedule'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'finish'
  | 'resend';

const moves: Record<CampaignState, Partial<Record<CampaignMove, CampaignState>>> = {
  draft: { send: 'sending', schedule: 'scheduled', cancel: 'cancelled' },
  scheduled: { send: 'sending', schedule: 'scheduled', unschedule: 'draft', cancel: 'cancelled' },
  sending: { pause: 'paused', cancel: 'cancelled', finish: 'finished', resend: 'sending' },
  paused: { resume: 'sending', cancel: 'cancelled', resend: 'paused' },
  // A person asks again for what failed or is unknown: open once more, until that is settled too.
  finished: { resend: 'sending' },
  cancelled: {},
};

export function nextCampaignState(from: CampaignState, move: CampaignMove): CampaignState | undefined {
  return moves[from][move];
}

/** Content and audience may change only before the audience is frozen. */
export function isEditable(state: CampaignState): boolean {
  return state === 'draft' || state === 'scheduled';
}
