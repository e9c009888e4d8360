import { address, at, counts, ids, page, reply, type Examples } from './story.js';

const newCampaign = {
  name: 'November letter',
  subject: 'A bowl takes eleven days',
  preheader: 'The lathe work is over in an hour.',
  lists: ['letters'],
  content:
    '# A bowl takes eleven days\n\nDear {{ recipient.name | default: "friend" }},\n\nwhat takes eleven days is the waiting.',
};
const { content, ...facts } = newCampaign;
const summary = {
  id: ids.campaign,
  ...facts,
  sender: 'default',
  retryHours: null,
  state: 'sending',
  stateReason: null,
  scheduledAt: null,
  startedAt: at.placed,
  frozenAt: '2026-11-22T09:41:01.000Z',
  finishedAt: null,
  createdAt: '2026-11-20T15:02:10.000Z',
  updatedAt: at.placed,
  counts: counts({ sent: 1184, queued: 90, failed: 3, skipped: 4 }),
};
export const campaign = { ...summary, content, mjml: null };
export const draft = {
  ...campaign,
  state: 'draft',
  startedAt: null,
  frozenAt: null,
  updatedAt: campaign.createdAt,
  counts: counts({}),
};
const outcomes = { delivered: 1102, bounced: 2, complained: 0 };
const atExample = { sent: 640, queued: 40, failed: 3, skipped: 1 };

/** News, from a draft to what became of it. */
export const campaigns: Examples = {
  NewCampaign: newCampaign,
  Campaign: campaign,
  CampaignPage: page(summary),
  CampaignChange: { subject: 'Eleven days to a bowl', retryHours: 24 },
  CampaignTest: { to: ['me@shop.example'] },
  CampaignTestAnswer: { emailIds: [ids.email] },
  CampaignSchedule: { at: '2026-11-29T08:00:00Z' },
  CampaignReport: {
    campaignId: ids.campaign,
    at: at.now,
    counts: summary.counts,
    outcomes,
    domains: [
      {
        domain: 'example.com',
        counts: counts(atExample),
        outcomes: { delivered: 611, bounced: 2, complained: 0 },
      },
    ],
    otherDomains: {
      domains: 212,
      counts: counts({ sent: 544, queued: 50, skipped: 3 }),
      outcomes: { delivered: 491, bounced: 0, complained: 0 },
    },
    replies: [
      {
        state: 'failed',
        reason: 'hard_bounce',
        replyCode: 550,
        enhanced: '5.1.1',
        count: 3,
        sample: '550 5.1.1 No such user',
      },
    ],
    skips: [{ reason: 'unsubscribed', count: 4 }],
  },
  CampaignDeliveryPage: page({
    id: 90377,
    personId: ids.anna,
    address,
    state: 'sent',
    reason: null,
    outcome: 'delivered',
    tries: 1,
    dueAt: null,
    settledAt: '2026-11-22T09:42:17.000Z',
    reply,
  }),
  CampaignResend: { states: ['failed'], reasons: ['relay'] },
  CampaignResendAnswer: { queued: 3 },
};
