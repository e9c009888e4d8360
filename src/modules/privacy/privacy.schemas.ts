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

const table = z
  .object({
    groups: z.array(z.object({ key: z.string(), count: z.int() })),
    other: z.int().describe('All smaller groups together; 0 where there is none.'),
  })
  .meta({ id: 'AudienceTable' });

const publishedList = {
  subscriptions: z.int().describe('Confirmed subscriptions, rounded down to tens.'),
  languages: table,
  sources: table,
  months: table.describe('By the month of the confirmation, YYYY-MM.'),
};

export const audienceView = z
  .object({
    smallestGroup: z.int(),
    lists: z.array(
      z.object({
        list: z.string(),
        name: z.string(),
        asOf: z.iso.date().nullable(),
        published: z.object(publishedList).nullable().describe('Null where fewer than 10 read the list.'),
      }),
    ),
    all: z
      .object(publishedList)
      .describe('Sums of what is published above. Who reads two lists counts twice.'),
  })
  .meta({ id: 'AudienceReport' });
