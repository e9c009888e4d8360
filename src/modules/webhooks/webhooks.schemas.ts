import { z } from 'zod';
import { moment, oneLine, whenValid } from '../../domain/index.js';
import { pageOf, pageQuery } from '../../platform/http/index.js';
import { publicEvents } from './public-events.js';
import { urlProblem } from './http/target.js';
import { messageName, type AttemptRow, type EndpointRow } from './webhooks.types.js';

/** Messages and attempts are kept so long. */
export const KEPT_DAYS = 30;
/** Counted no further than this: a glance must stay cheap when a million wait. */
export const COUNT_LIMIT = 10_000;

const url = z
  .string()
  .trim()
  .superRefine((value, context) => {
    const message = urlProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe(
    'Where to POST. https; http only to this machine or, with WEBHOOK_ALLOW_PRIVATE, to private networks.',
  );

const eventType = z.enum(publicEvents, 'is no event type; docs/webhooks.md lists them');

const events = z
  .array(z.union([eventType, z.literal('*')], 'is no event type; docs/webhooks.md lists them'))
  .min(1, 'must name at least one event type, or "*"')
  .max(publicEvents.length + 1)
  .transform((value) => (value.includes('*') ? ['*' as const] : [...new Set(value)]))
  .describe('Event types, or "*" for all, those that come later too.');

const description = oneLine(200).nullable();

export const createEndpointBody = z.strictObject({ url, events, description: description.optional() }).meta({
  id: 'NewWebhookEndpoint',
  example: { url: 'https://shop.example/hooks/mail', events: ['email.failed', 'email.bounced'] },
});
export type CreateEndpoint = z.infer<typeof createEndpointBody>;

export const updateEndpointBody = z
  .strictObject({ url, events, description, enabled: z.boolean() })
  .partial()
  .meta({ id: 'WebhookEndpointChange', example: { enabled: true } });
export type UpdateEndpoint = z.infer<typeof updateEndpointBody>;

const past = moment.refine((value) => value.getTime() <= Date.now(), 'must not lie in the future');

export const replayBody = z
  .strictObject({
    since: past.refine(
      (value) => value.getTime() > Date.now() - KEPT_DAYS * 86_400_000,
      `must not be more than ${KEPT_DAYS} days ago`,
    ),
    until: past.optional().describe('Default: now.'),
    types: z
      .array(eventType)
      .min(1)
      .max(publicEvents.length)
      .optional()
      .describe('Default: those of the endpoint.'),
    onlyFailed: z
      .boolean()
      .default(false)
      .describe(
        'Only what was given up. Otherwise all: what was missed while it was disabled, and what was delivered.',
      ),
  })
  .refine(({ since, until }) => until === undefined || since < until, {
    path: ['until'],
    message: 'must be after since',
    ...whenValid,
  })
  .meta({ id: 'WebhookReplay', example: { since: '2026-11-22T08:00:00Z', onlyFailed: true } });
export type ReplayRequest = z.infer<typeof replayBody>;

export const endpointsQuery = pageQuery.extend({ after: z.uuid().optional() });

export const attemptsQuery = pageQuery.extend({
  after: z.uuid().optional(),
  delivered: z.enum(['true', 'false']).optional().describe('Only those that were taken, or that were not.'),
});
export type AttemptsQuery = z.infer<typeof attemptsQuery>;

const endpointFields = {
  id: z.uuid(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  disabledReason: z
    .enum(['asked', 'gone', 'failing'])
    .nullable()
    .describe('"asked": by PATCH; "gone": it answered 410; "failing": it took nothing for 5 days.'),
  disabledAt: z.iso.datetime().nullable(),
  failingSince: z.iso.datetime().nullable().describe('Nothing was taken since then.'),
  restingUntil: z.iso
    .datetime()
    .nullable()
    .describe('Nothing is sent before: it was busy, or fails again and again.'),
  lastSuccessAt: z.iso.datetime().nullable(),
  oldSecretUntil: z.iso
    .datetime()
    .nullable()
    .describe('Until then the secret before the last rotation signs too.'),
  replaying: z.boolean().describe('A replay is being queued.'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};
const counts = {
  waiting: z.int().describe(`Messages to be sent; ${COUNT_LIMIT} means that many or more.`),
  failed: z.int().describe('Messages that were given up, counted alike.'),
};

export const endpointView = z.object(endpointFields).meta({ id: 'WebhookEndpoint' });
export const endpointWithCounts = z
  .object({ ...endpointFields, ...counts })
  .meta({ id: 'WebhookEndpointDetail' });
export const endpointWithSecret = z
  .object({ ...endpointFields, secret: z.string().describe('whsec_…, shown this once.') })
  .meta({ id: 'WebhookEndpointWithSecret' });
export const endpointPage = pageOf(endpointView, 'WebhookEndpointPage');
export type EndpointView = z.infer<typeof endpointView>;

export const queuedView = z
  .object({ messageId: z.string().describe('The webhook-id that it is sent with.') })
  .meta({ id: 'WebhookQueued' });
export const replayView = z.object({ status: z.literal('queued') }).meta({ id: 'WebhookReplayQueued' });

export const attemptView = z
  .object({
    id: z.uuid(),
    messageId: z.string().describe('The webhook-id.'),
    type: z.string(),
    try: z.int(),
    at: z.iso.datetime().describe('When its answer was there.'),
    delivered: z.boolean(),
    durationMs: z.int(),
    statusCode: z.int().nullable(),
    answer: z.string().nullable().describe('The first KB of what the endpoint said; addresses are left out.'),
    error: z.string().nullable().describe('Why there was no answer, or why it was none that counts.'),
  })
  .meta({ id: 'WebhookAttempt' });
export const attemptPage = pageOf(attemptView, 'WebhookAttemptPage');

export function toEndpointView(row: EndpointRow, now = Date.now()): EndpointView {
  const later = (date: Date | null) => (date !== null && date.getTime() > now ? date.toISOString() : null);
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    failingSince: row.failing_since?.toISOString() ?? null,
    restingUntil: later(row.resting_until),
    lastSuccessAt: row.last_success_at?.toISOString() ?? null,
    oldSecretUntil: later(row.previous_until),
    replaying: row.replay !== null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function toAttemptView(row: AttemptRow): z.infer<typeof attemptView> {
  return {
    id: row.id,
    messageId: messageName(row.message_id),
    type: row.type,
    try: row.try,
    at: timeOf(row.id).toISOString(),
    delivered: row.delivered,
    durationMs: row.duration_ms,
    statusCode: row.status_code,
    answer: row.answer,
    error: row.error,
  };
}

/** An attempt's id is a UUIDv7, made when its answer was there. */
function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}
