import { z } from 'zod';
import { parseAddress } from '../../../domain/index.js';
import { pageOf, pageQuery } from '../../../platform/http/index.js';

/** The part after the @, in A-labels and lower case, as deliveries have it. */
export const recipientDomain = z
  .string()
  .max(1_000)
  .transform((value, context) => {
    const parsed = parseAddress(`x@${value}`);
    if (parsed.ok) return parsed.address.domain;
    context.addIssue({ code: 'custom', message: 'the domain in the path must look like example.com' });
    return z.NEVER;
  });

export const setCapBody = z
  .strictObject({
    perSecond: z
      .int('must be a whole number')
      .min(1, 'must be at least 1; DELETE lifts the cap')
      .max(1_000_000)
      .describe('Mails per second to this domain, over all relays and workers.'),
  })
  .meta({ id: 'DomainCapChange' });
export type SetCap = z.infer<typeof setCapBody>;

export const capsQuery = pageQuery.extend({ after: recipientDomain.optional() });
export type CapsQuery = z.infer<typeof capsQuery>;

export const capView = z.object({ domain: z.string(), perSecond: z.int() }).meta({ id: 'DomainCap' });
export const capPage = pageOf(capView, 'DomainCapPage');
