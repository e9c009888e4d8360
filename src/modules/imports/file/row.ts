import { localeTag, parseAddress, unguarded, type Address } from '../../../domain/index.js';
import { personAttributes, personName } from '../../subscribers/index.js';
import type { ImportSettings, RowError } from '../imports.types.js';
import { attributeKey } from './columns.js';

/** What a row says of a person. */
export interface RowPerson {
  readonly address: Address;
  readonly name: string | null;
  readonly locale: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly agreedAt: Date | null;
}

export type ReadRow = { readonly person: RowPerson } | { readonly problems: Omit<RowError, 'row'>[] };

type Problem = (column: string, problem: string) => void;

/** Reads rows of one file. Columns are looked up once: it is called for each of a million rows. */
export class RowReader {
  private readonly at: Readonly<Record<'email' | 'name' | 'locale' | 'agreedAt', number>>;
  private readonly attributes: readonly {
    readonly key: string;
    readonly column: string;
    readonly at: number;
  }[];
  /** Few languages are in use, and Intl takes 5 µs to look at one. */
  private readonly locales = new Map<string, string | undefined>();
  private readonly agreedAt: Date | null;

  constructor(private readonly settings: ImportSettings) {
    const { header, columns, consent } = settings;
    const indexOf = (column: string | null) => (column === null ? -1 : header.indexOf(column));
    this.at = {
      email: indexOf(columns.email),
      name: indexOf(columns.name),
      locale: indexOf(columns.locale),
      agreedAt: indexOf(columns.agreedAt),
    };
    this.attributes = columns.attributes.map((column) => ({
      key: attributeKey(column),
      column,
      at: indexOf(column),
    }));
    this.agreedAt = consent.date === null ? null : new Date(consent.date);
  }

  /** @param record its fields as they stand in the file */
  read(record: readonly string[]): ReadRow {
    const problems: Omit<RowError, 'row'>[] = [];
    const wrong: Problem = (column, problem) => void problems.push({ column, problem });
    const { header, columns } = this.settings;
    if (record.length > header.length)
      wrong('', `has ${record.length} fields, the header has ${header.length}: perhaps a field wants quotes`);
    const address = this.address(record, wrong);
    const name = checked(this.field(record, this.at.name), personName, columns.name, wrong);
    const locale = this.locale(this.field(record, this.at.locale), wrong);
    const agreedAt = this.agreed(this.field(record, this.at.agreedAt), wrong);
    const attributes = this.attributesOf(record, wrong);
    if (address === undefined || problems.length > 0) return { problems };
    return { person: { address, name, locale, attributes, agreedAt } };
  }

  /** Empty where there is none. */
  private field(record: readonly string[], at: number): string {
    return at < 0 ? '' : unguarded((record[at] ?? '').trim());
  }

  private address(record: readonly string[], wrong: Problem): Address | undefined {
    const { email } = this.settings.columns;
    const text = this.field(record, this.at.email);
    const parsed = parseAddress(text);
    if (parsed.ok) return parsed.address;
    wrong(email, text === '' ? 'is empty' : parsed.problem);
    return undefined;
  }

  /** Other systems write `de_DE`. */
  private locale(text: string, wrong: Problem): string | null {
    if (text === '') return null;
    if (!this.locales.has(text)) this.locales.set(text, localeTag.safeParse(text.replaceAll('_', '-')).data);
    const locale = this.locales.get(text);
    if (locale === undefined)
      wrong(this.settings.columns.locale ?? '', 'is not a language tag, such as "en" or "pt-BR"');
    return locale ?? null;
  }

  private agreed(text: string, wrong: Problem): Date | null {
    if (this.at.agreedAt < 0) return this.agreedAt;
    const column = this.settings.columns.agreedAt ?? '';
    const date = momentOf(text);
    if (date === undefined)
      wrong(column, 'is not a day or a moment, such as "2024-05-17" or "2024-05-17 09:41:00"');
    else if (date.getTime() > Date.now()) wrong(column, 'is in the future');
    return date ?? null;
  }

  private attributesOf(record: readonly string[], wrong: Problem): Record<string, string> {
    const attributes: Record<string, string> = {};
    for (const { key, column, at } of this.attributes) {
      const value = this.field(record, at);
      if (value === '') continue;
      if (!isPlain(value)) {
        const said = personAttributes.safeParse({ [key]: value });
        if (!said.success) wrong(column, said.error.issues[0]?.message ?? 'cannot be kept');
      }
      attributes[key] = value;
    }
    return attributes;
  }
}

/** What is short and has no control character is no problem anywhere, and needs no schema (4 µs) to tell. */
function isPlain(text: string): boolean {
  return text.length <= SHORT && !/\p{Cc}/u.test(text);
}
const SHORT = 64;

function checked(
  text: string,
  schema: typeof personName,
  column: string | null,
  wrong: Problem,
): string | null {
  if (text === '') return null;
  if (isPlain(text)) return text;
  const said = schema.safeParse(text);
  if (said.success) return said.data;
  wrong(column ?? '', said.error.issues[0]?.message ?? 'cannot be kept');
  return null;
}

const moment = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** A day, or a moment; in UTC where it does not say its offset. */
function momentOf(text: string): Date | undefined {
  if (!moment.test(text)) return undefined;
  const day = text.slice(0, 10);
  const time = text.slice(11);
  const date = new Date(time === '' ? day : `${day}T${time}${/[Z+-]/.test(time) ? '' : 'Z'}`);
  // A day that does not exist, such as the 30th of February, would become one that does.
  const exists = !Number.isNaN(date.getTime()) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return exists ? date : undefined;
}
