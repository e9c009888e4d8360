import { z } from 'zod';

export const exportView = z
  .object({
    exportedAt: z.iso.datetime(),
    data: z
      .record(z.string(), z.unknown())
      .describe('By kind: person, subscriptions, mails, orders, consents …'),
  })
  .meta({ id: 'PersonalExport' });
