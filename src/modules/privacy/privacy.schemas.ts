import { z } from 'zod';

export const exportView = z
  .object({
    exportedAt: z.iso.datetime(),
    data: z
      .record(z.string(), z.unknown())
      .describe('By kind: person, subscriptions, mails, orders, consents …'),
  })
  .meta({ id: 'PersonalExport' });

export const retentionView = z
  .object({
    data: z.array(
      z.object({
        kind: z.string(),
        days: z.number(),
        describe: z.string().describe('What goes, and what stays.'),
        pastTheirTime: z.int().describe('How many records the next run takes.'),
        lastRun: z.object({ at: z.iso.datetime(), removed: z.int() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'RetentionReport' });
