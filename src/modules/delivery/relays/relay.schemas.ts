import { z } from 'zod';
import { streams as allStreams } from '../../../domain/index.js';
import { relayProblem } from '../../../platform/config/index.js';
import { pageOf, pageQuery } from '../../../platform/http/index.js';
import { relayNamePattern, type Relay, type RelayState } from './relay.types.js';

const name = z.string().regex(relayNamePattern, 'must be 1 to 63 of a-z, 0-9 and -, such as "provider-eu"');

const url = z
  .string()
  .max(2_000)
  .superRefine((value, context) => {
    const message = relayProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe(
    'smtp://user:password@host:587?tls=required, or smtps://. Kept sealed, shown without the password.',
  );

const streams = z
  .array(z.enum(allStreams))
  .min(1, 'must name at least one stream')
  .transform((value) => [...new Set(value)]);

const limit = (what: string) =>
  z
    .int('must be a whole number, or null for no limit')
    .min(1, 'must be at least 1; null is no limit')
    .max(1_000_000_000)
    .nullable()
    .describe(what);

const fields = {
  url,
  streams: streams.describe(
    'What it carries: orders, service (confirmations and other mail of the shop), news.',
  ),
  priority: z
    .int()
    .min(0)
    .max(1_000)
    .describe(
      'Lower is used first. The next one takes over when all better ones are in trouble or have used up their hour or day.',
    ),
  connections: limit(
    'Connections over all workers; each worker has one at least. null: each keeps SMTP_CONNECTIONS.',
  ),
  perSecond: limit('Mails per second over all workers. What is above it waits.'),
  perHour: limit('Mails in an hour of UTC. What is above it goes to the next relay, or waits.'),
  perDay: limit('Mails in a day of UTC. What is above it goes to the next relay, or waits.'),
  signing: z.enum(['ours', 'relay']).describe('Who signs with DKIM: Postrider, or the relay itself.'),
  envelope: z
    .enum(['verp', 'fixed'])
    .describe(
      '"verp": each delivery has an envelope sender of its own; "fixed" for a relay that takes only one.',
    ),
  enabled: z.boolean(),
};

export const createRelayBody = z
  .strictObject({
    name,
    ...fields,
    streams: fields.streams.default([...allStreams]),
    priority: fields.priority.default(10),
    connections: fields.connections.default(null),
    perSecond: fields.perSecond.default(null),
    perHour: fields.perHour.default(null),
    perDay: fields.perDay.default(null),
    signing: fields.signing.default('ours'),
    envelope: fields.envelope.default('verp'),
    enabled: fields.enabled.default(true),
  })
  .meta({ id: 'NewRelay' });
export type CreateRelay = z.infer<typeof createRelayBody>;

export const updateRelayBody = z.strictObject(fields).partial().meta({ id: 'RelayChange' });
export type UpdateRelay = z.infer<typeof updateRelayBody>;

export const relaysQuery = pageQuery.extend({ after: z.uuid().optional() });

export const relayView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    url: z.string().describe('Without the password.'),
    streams: z.array(z.enum(allStreams)),
    priority: z.int(),
    connections: z.int().nullable(),
    perSecond: z.int().nullable(),
    perHour: z.int().nullable(),
    perDay: z.int().nullable(),
    signing: z.enum(['ours', 'relay']),
    envelope: z.enum(['verp', 'fixed']),
    enabled: z.boolean(),
    state: z.object({
      circuit: z
        .enum(['closed', 'open'])
        .describe(
          '"open": at least one worker has trouble with it and sends nothing there but a probe now and then.',
        ),
      openSince: z.iso.datetime().nullable(),
      lastProblem: z.string().nullable(),
      lastProblemAt: z.iso.datetime().nullable(),
    }),
    used: z.object({
      connections: z.int().describe('Leased to workers now.'),
      second: z.int(),
      hour: z.int(),
      day: z.int(),
    }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Relay' });
export const relayPage = pageOf(relayView, 'RelayPage');

export function toRelayView(relay: Relay, state: RelayState | undefined): z.infer<typeof relayView> {
  const { url, streams, lastProblem, lastProblemAt, createdAt, updatedAt, ...rest } = relay;
  const openSince = state?.openSince?.toISOString() ?? null;
  return {
    ...rest,
    url: withoutPassword(url),
    streams: [...streams],
    state: {
      circuit: openSince === null ? 'closed' : 'open',
      openSince,
      lastProblem,
      lastProblemAt: lastProblemAt?.toISOString() ?? null,
    },
    used: { connections: state?.connections ?? 0, ...(state?.used ?? { second: 0, hour: 0, day: 0 }) },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function withoutPassword(value: string): string {
  const url = new URL(value);
  url.password = '';
  return url.href;
}
