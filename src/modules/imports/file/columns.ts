import type { ColumnNames } from '../imports.types.js';
import { FileError } from './file-error.js';

/** Columns as they were asked for; what is left out is looked for under the names that other systems use. */
export interface WantedColumns {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
  readonly agreedAt?: string | undefined;
  readonly attributes: readonly string[];
}

const usual: Record<'email' | 'name' | 'locale', readonly string[]> = {
  email: ['email', 'e-mail', 'email address', 'e-mail address', 'mail', 'e-mail-adresse'],
  name: ['name', 'full name'],
  locale: ['locale', 'language'],
};

/** What an export of ours puts before the name of an attribute. */
const ATTRIBUTE = 'attributes.';
/** Asks for all columns that mean nothing else. */
const ALL_OTHERS = '*';

/** @throws FileError for a column that is not in the header, or is there twice */
export function findColumns(names: readonly string[], wanted: WantedColumns): ColumnNames {
  const exact = (name: string): string => {
    const found = names.filter((one) => one === name);
    if (found.length === 1) return name;
    throw new FileError(
      `${found.length === 0 ? 'there is no column' : 'there are several columns'} "${name}"; the header has ${shown(names)}`,
    );
  };
  const find = (what: keyof typeof usual): string | null => {
    const asked = wanted[what];
    if (asked !== undefined) return exact(asked);
    const found = names.find((name) => usual[what].includes(name.toLowerCase()));
    return found === undefined ? null : exact(found);
  };
  const email = find('email');
  if (email === null)
    throw new FileError(
      `no column is named as one with addresses would be: say which; the header has ${shown(names)}`,
    );
  const name = find('name');
  const locale = find('locale');
  const agreedAt = wanted.agreedAt === undefined ? null : exact(wanted.agreedAt);
  const taken = new Set([email, name, locale, agreedAt]);
  const others = names.filter((one) => one !== '' && !taken.has(one));
  const attributes = wanted.attributes.includes(ALL_OTHERS) ? others : wanted.attributes;
  return { email, name, locale, agreedAt, attributes: [...new Set(attributes)].map(exact) };
}

/** The key under which a column becomes an attribute. */
export function attributeKey(column: string): string {
  return column.startsWith(ATTRIBUTE) ? column.slice(ATTRIBUTE.length) : column;
}

function shown(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
