import { z } from 'zod';
import { longText, moment, oneLine } from '../../domain/index.js';
import { pageOf } from '../../platform/http/index.js';
import type { WantedColumns } from './file/columns.js';
import type { Import } from './imports.types.js';

/** It stands in a URL, with each umlaut as six characters, and a request's headers have 16 KB. */
const MAX_TEXT = 1_500;

const several = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat())
  .pipe(z.array(z.string().min(1).max(200)).min(1).max(200));

const day = z.iso
  .date('must be a day such as "2024-05-17", or a moment with its offset')
  .transform((text) => new Date(text));

const agreedOn = z
  .union([day, moment], 'must be a day such as "2024-05-17", or a moment with its offset')
  .refine((date) => date.getTime() <= Date.now(), 'is in the future');

/** What is said of a file, which is the body. */
export const newImportQuery = z
  .strictObject({
    list: several.describe('Slugs of lists; repeat it for several.'),
    consentText: longText(MAX_TEXT).describe('The words that people agreed to.'),
    consentSource: oneLine(500).describe('Who says so, and where it was: "Mailchimp, form at shop.example".'),
    consentDate: agreedOn.optional().describe('When, where all agreed on one day.'),
    consentConfirmed: z
      .stringbool()
      .default(false)
      .describe('People confirmed by a mail to their address. Lists with double opt-in take nobody else.'),
    emailColumn: oneLine(200).optional().describe('The name of the column; "email" and the like are found.'),
    nameColumn: oneLine(200).optional(),
    localeColumn: oneLine(200).optional(),
    agreedAtColumn: oneLine(200).optional().describe('When each person agreed.'),
    attribute: several.optional().describe('Columns that are kept as attributes; `*` for all others.'),
    onExisting: z
      .enum(['update', 'keep'])
      .default('update')
      .describe(
        'Of people who are known: whether the file’s name, language and attributes win, or fill gaps only.',
      ),
    dryRun: z.stringbool().default(false).describe('Counts, and changes nothing.'),
  })
  .transform((said) => ({
    lists: said.list,
    consent: {
      text: said.consentText,
      source: said.consentSource,
      date: said.consentDate?.toISOString() ?? null,
      confirmed: said.consentConfirmed,
    },
    columns: {
      email: said.emailColumn,
      name: said.nameColumn,
      locale: said.localeColumn,
      agreedAt: said.agreedAtColumn,
      attributes: said.attribute ?? [],
    } satisfies WantedColumns,
    onExisting: said.onExisting,
    dryRun: said.dryRun,
  }));
export type NewImport = z.infer<typeof newImportQuery>;

export const importView = z
  .object({
    id: z.uuid(),
    state: z.enum(['waiting', 'running', 'finished', 'failed', 'cancelled']),
    dryRun: z.boolean(),
    lists: z.array(z.string()),
    consent: z.object({
      text: z.string(),
      source: z.string(),
      date: z.iso.datetime().nullable(),
      confirmed: z.boolean(),
    }),
    columns: z.object({
      email: z.string(),
      name: z.string().nullable(),
      locale: z.string().nullable(),
      agreedAt: z.string().nullable(),
      attributes: z.array(z.string()),
      ignored: z.array(z.string()),
    }),
    octets: z.int().describe('Of the file, as UTF-8.'),
    octetsDone: z.int(),
    counts: z
      .object({
        rows: z.int(),
        added: z.int(),
        updated: z.int(),
        unchanged: z.int(),
        skipped: z.object({ left: z.int(), refused: z.int(), erased: z.int() }),
        failed: z.int(),
      })
      .describe('`rows` is the sum of the others.'),
    problem: z.string().nullable().describe('Why it failed as a whole.'),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Import' });
export type ImportView = z.infer<typeof importView>;

export const importPage = pageOf(importView, 'ImportPage');
export const storedView = z.object({ id: z.uuid() }).meta({ id: 'ImportAccepted' });

export function toImportView(one: Import): ImportView {
  const { lists, consent, header, columns, dryRun } = one.settings;
  const used = new Set([
    columns.email,
    columns.name,
    columns.locale,
    columns.agreedAt,
    ...columns.attributes,
  ]);
  return {
    id: one.id,
    state: one.state === 'uploading' ? 'waiting' : one.state,
    dryRun,
    lists: lists.map(({ slug }) => slug),
    consent,
    columns: {
      ...columns,
      attributes: [...columns.attributes],
      ignored: header.filter((name) => !used.has(name)),
    },
    octets: one.octets,
    octetsDone: one.octetsDone,
    counts: one.counts,
    problem: one.problem,
    createdAt: one.createdAt.toISOString(),
    startedAt: one.startedAt?.toISOString() ?? null,
    finishedAt: one.finishedAt?.toISOString() ?? null,
  };
}
