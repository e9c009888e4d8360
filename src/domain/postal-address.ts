/** A postal address as the lines of a letter. Shops send it in three ways; a mail needs lines. */

export interface PostalAddressParts {
  readonly name?: string | null | undefined;
  readonly company?: string | null | undefined;
  readonly line1?: string | null | undefined;
  readonly line2?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly state?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  /** ISO 3166 code, which is written out in the reader's language, or a name as it stands. */
  readonly country?: string | null | undefined;
}

/** Countries that write "Portland, OR 97205" (UPU S42); elsewhere the postal code stands before the town. */
const townBeforeCode = new Set(['US', 'CA', 'AU', 'USA', 'UNITED STATES', 'CANADA', 'AUSTRALIA']);
/** The postal code has a line of its own. */
const codeOnOwnLine = new Set(['GB', 'UK', 'UNITED KINGDOM', 'IE', 'IRELAND']);

/** Lines without empty ones; a string is cut at its line breaks. */
export function addressLines(
  address: string | readonly string[] | PostalAddressParts,
  locale: string,
): string[] {
  return linesOf(address, locale)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function linesOf(
  address: string | readonly string[] | PostalAddressParts,
  locale: string,
): readonly string[] {
  if (typeof address === 'string') return address.split(/\r?\n/);
  if (isLines(address)) return address;
  const { name, company, line1, line2, country } = address;
  const town = townLines(address.city ?? '', address.state ?? '', address.postalCode ?? '', country ?? '');
  return [
    name ?? '',
    company ?? '',
    line1 ?? '',
    line2 ?? '',
    ...town,
    countryName((country ?? '').trim(), locale),
  ];
}

function isLines(address: readonly string[] | PostalAddressParts): address is readonly string[] {
  return Array.isArray(address);
}

function townLines(city: string, state: string, postalCode: string, country: string): string[] {
  const key = country.trim().toUpperCase();
  if (townBeforeCode.has(key)) return [[city, `${state} ${postalCode}`.trim()].filter(Boolean).join(', ')];
  if (codeOnOwnLine.has(key)) return [city, state, postalCode];
  return [`${postalCode} ${city}`, state];
}

function countryName(country: string, locale: string): string {
  if (!/^[A-Z]{2}$/.test(country)) return country;
  return new Intl.DisplayNames([locale, 'en'], { type: 'region', fallback: 'code' }).of(country) ?? country;
}
