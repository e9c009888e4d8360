import { z } from 'zod';
import { moment, oneLine, parseNetwork } from '../../domain/index.js';
import { pageOf, pageQuery, scopes as allScopes } from '../../platform/http/index.js';
import type { ApiKey, AuditEntry } from './access.types.js';

const MOST = 100;
const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const scopes = z
  .array(
    z.enum(allScopes, {
      error: ({ input }) => `there is no scope "${String(input)}", only ${allScopes.join(', ')}`,
    }),
  )
  .min(1, 'must name at least one scope')
  .transform(unique);

const senders = z
  .array(oneLine(63))
  .min(1, 'must name at least one sender; null for all')
  .max(MOST)
  .transform(unique)
  .nullable()
  .describe('Slugs of the senders that it may send as; null: all.');

const rate = z
  .strictObject({
    requests: z
      .int('must be a whole number')
      .min(1, 'must be at least 1; a key that may do nothing is better revoked')
      .max(1_000_000),
    per: z.enum(['second', 'minute'], 'must be second or minute'),
  })
  .nullable()
  .describe('Requests in each second or minute, over all API processes; null: without limit.');

const network = z
  .string()
  .max(MOST)
  .transform((text, context) => {
    const parsed = parseNetwork(text);
    if ('problem' in parsed) {
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    }
    return `${parsed.address}/${parsed.bits}`;
  });

const allowIps = z
  .array(network)
  .min(1, 'must name at least one address or network; null for all')
  .max(MOST)
  .transform(unique)
  .nullable()
  .describe(
    'Addresses and networks (203.0.113.0/24, 2001:db8::/32) that it may be used from; null: from everywhere.',
  );

const expiresAt = moment.nullable().describe('Null: never.');

const fields = { name: oneLine(100).describe('Who uses it.'), scopes, senders, rate, allowIps, expiresAt };

/** What is left out is as with the key that asks. */
export const newKeyBody = z
  .strictObject({
    ...fields,
    senders: senders.optional(),
    rate: rate.optional(),
    allowIps: allowIps.optional(),
    expiresAt: expiresAt.optional(),
  })
  .meta({
    id: 'NewApiKey',
    example: {
      name: 'shop',
      scopes: ['orders', 'emails'],
      senders: ['default'],
      rate: { requests: 20, per: 'second' },
      allowIps: ['203.0.113.0/24', '2001:db8:1::/48'],
      expiresAt: '2027-11-22T00:00:00Z',
    },
  });
export type NewKeyBody = z.infer<typeof newKeyBody>;

export const keyChangeBody = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ApiKeyChange', example: { rate: { requests: 5, per: 'second' } } });
export type KeyChangeBody = z.infer<typeof keyChangeBody>;

export const keysQuery = pageQuery.extend({ after: z.uuid().optional() });

export const lastQuery = z.strictObject({
  last: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe('Also where no other key manages keys: from then on only the command line does.'),
});
export type LastQuery = z.infer<typeof lastQuery>;

const viewFields = {
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe('The beginning of its secret.'),
  scopes: z.array(z.string()),
  senders: z.array(z.string()).nullable(),
  rate: z.object({ requests: z.int(), per: z.enum(['second', 'minute']) }).nullable(),
  allowIps: z.array(z.string()).nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable().describe('Right to the minute.'),
  revokedAt: z.iso.datetime().nullable(),
};
export const keyView = z.object(viewFields).meta({ id: 'ApiKey' });
export type KeyView = z.infer<typeof keyView>;

export const keyPage = pageOf(keyView, 'ApiKeyPage');

export const keyWithSecret = z
  .object({ ...viewFields, secret: z.string().describe('pr_…, in this answer only.') })
  .meta({ id: 'ApiKeyWithSecret' });
export type KeyWithSecret = z.infer<typeof keyWithSecret>;

export const keyDetail = z
  .object({
    ...viewFields,
    history: z.array(
      z.object({
        at: z.iso.datetime(),
        by: z
          .string()
          .describe('The id of an API key, "command line", or "start" for one of the configuration.'),
        action: z.enum(['key.created', 'key.changed', 'key.revoked']),
        changes: z
          .record(z.string(), z.unknown())
          .describe('What it was made with; of a change, each field with what it was and what it is.'),
      }),
    ),
  })
  .meta({ id: 'ApiKeyDetail' });
export type KeyDetail = z.infer<typeof keyDetail>;

export function toKeyView({ createdAt, expiresAt, lastUsedAt, revokedAt, ...key }: ApiKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    senders: key.senders && [...key.senders],
    rate: key.rate,
    allowIps: key.allowIps && [...key.allowIps],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

export function toKeyDetail(key: ApiKey, history: readonly AuditEntry[]): KeyDetail {
  return { ...toKeyView(key), history: history.map((entry) => ({ ...entry, at: entry.at.toISOString() })) };
}
