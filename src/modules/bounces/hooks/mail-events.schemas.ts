import { z } from 'zod';
import { pageOf, pageQuery } from '../../../platform/http/index.js';
import { providerNames } from '../providers/mail-provider.js';
import { requestStates, type RequestView } from './provider-request.js';

export const mailEventsQuery = pageQuery.extend({
  after: z.uuid().optional(),
  state: z.enum(requestStates).optional(),
  provider: z.enum(providerNames).optional(),
});
export type MailEventsQuery = z.infer<typeof mailEventsQuery>;

export const mailEventView = z
  .object({
    id: z.uuid(),
    provider: z.string(),
    receivedAt: z.iso.datetime(),
    state: z
      .enum(requestStates)
      .describe(
        '`ignored`: nothing in it speaks of a mail. `failed`: it is tried no more until it is replayed.',
      ),
    tries: z.int(),
    octets: z.int(),
    note: z.string().nullable().describe('What came of its events, or why the last try failed.'),
  })
  .meta({ id: 'MailEventRequest' });
export const mailEventPage = pageOf(mailEventView, 'MailEventRequestPage');

export const replayBody = z.union([
  z.strictObject({ ids: z.array(z.uuid()).min(1).max(100) }),
  z.strictObject({ state: z.literal('failed') }),
]);
export type Replay = z.infer<typeof replayBody>;
export const replayAnswer = z.object({ replayed: z.int() }).meta({ id: 'MailEventReplay' });

export const toMailEventView = ({ receivedAt, ...view }: RequestView): z.infer<typeof mailEventView> => ({
  ...view,
  receivedAt: receivedAt.toISOString(),
});
