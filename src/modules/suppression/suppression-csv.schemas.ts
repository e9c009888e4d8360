import { z } from 'zod';
import { emailAddress, longText, suppressionReasons, suppressionScopes } from '../../domain/index.js';

export const importRow = z
  .object({
    address: emailAddress,
    scope: z.enum(suppressionScopes).default('all'),
    list: z.string().min(1).max(63).optional(),
    reason: z.enum(suppressionReasons).default('imported'),
    evidence: longText(2_000).optional(),
  })
  .superRefine((row, context) => {
    if ((row.scope === 'list') === (row.list !== undefined)) return;
    const message = row.scope === 'list' ? 'say which list' : 'goes with the scope "list" only';
    context.addIssue({ code: 'custom', path: ['list'], message });
  });

export const importQuery = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe('Says what an import would do, and changes nothing.'),
});
export type ImportQuery = z.infer<typeof importQuery>;

export const exportQuery = z.object({
  active: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true')
    .describe('Only those that hold now; false for those that were released too.'),
});
export type ExportQuery = z.infer<typeof exportQuery>;

export const importAnswer = z
  .object({
    dryRun: z.boolean(),
    rows: z.int(),
    added: z.int(),
    known: z.int().describe('Active already, twice in the file, or released in it.'),
    invalid: z.int(),
    errors: z
      .array(z.object({ line: z.int(), field: z.string(), message: z.string() }))
      .describe('The first 1,000.'),
  })
  .meta({ id: 'SuppressionImport' });
export type ImportAnswer = z.infer<typeof importAnswer>;
