import { textDirection } from './languages.js';

/**
 * Money, days and counts as a reader of a language writes them. Formatters cost 20 to 60 µs to make and 1 µs to
 * use, so they are kept.
 */

const DECIMAL = /^-?\d+(?:\.(\d+))?$/;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A decimal string as money, digit for digit: `Intl` reads the string itself, no float comes near it.
 * Digits beyond the currency's own are kept (a unit price of 0.0125).
 * @throws RangeError when the amount is no decimal or the currency no ISO 4217 code
 */
export function formatMoney(amount: unknown, currency: unknown, locale: string, deduct = false): string {
  const decimal = String(amount).trim();
  const match = DECIMAL.exec(decimal);
  if (!match) throw new RangeError(`money: ${JSON.stringify(amount)} is not a decimal amount`);
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) {
    throw new RangeError(`money: ${JSON.stringify(currency)} is not a currency code`);
  }
  const fraction = match[1]?.replace(/0+$/, '').length ?? 0;
  const signed = deduct ? `-${decimal.replace(/^-/, '')}` : decimal;
  const format = moneyFormat(locale, currency.toUpperCase(), fraction);
  const money =
    textDirection(locale) === 'rtl'
      ? format
          .formatToParts(signed as `${number}`)
          .map(isolateCurrency)
          .join('')
      : format.format(signed as `${number}`);
  // A minus sign, as wide as a digit, so that a column stays straight.
  return money.replace('-', '\u2212');
}

/** Between words from right to left "JP¥" would be torn apart, the letters on one side of the amount and the sign on the other. */
function isolateCurrency({ type, value }: Intl.NumberFormatPart): string {
  return type === 'currency' ? `\u2068${value}\u2069` : value;
}

/**
 * A long date. An ISO moment is read in the time zone given; a bare date (`2026-11-24`) is that day everywhere.
 * @throws RangeError when the value is neither
 */
export function formatDay(value: unknown, locale: string, timezone: string): string {
  const moment = value instanceof Date ? value : new Date(String(value));
  if (Number.isNaN(moment.getTime())) throw new RangeError(`day: ${JSON.stringify(value)} is not a date`);
  const isBareDate = typeof value === 'string' && DATE_ONLY.test(value);
  return dayFormat(locale, isBareDate ? 'UTC' : timezone).format(moment);
}

/**
 * A long date with the time of day, in the time zone given.
 * @throws RangeError when the value is no date
 */
export function formatMoment(value: unknown, locale: string, timezone: string): string {
  const moment = value instanceof Date ? value : new Date(String(value));
  if (Number.isNaN(moment.getTime())) throw new RangeError(`moment: ${JSON.stringify(value)} is not a date`);
  return momentFormat(locale, timezone).format(moment);
}

export function formatNumber(value: number, locale: string): string {
  return numberFormat(locale).format(value);
}

/**
 * The wording for a count (CLDR plural categories: zero, one, two, few, many, other), `#` standing for the number.
 * @throws RangeError when the count is no number or `other` is missing
 */
export function formatPlural(count: unknown, wordings: Record<string, string>, locale: string): string {
  const number = Number(count);
  if (count === null || count === '' || !Number.isFinite(number)) {
    throw new RangeError(`plural: ${JSON.stringify(count)} is not a number`);
  }
  const wording = wordings[pluralRules(locale).select(number)] ?? wordings['other'];
  if (wording === undefined) throw new RangeError('plural: the wording "other" is missing');
  return wording.replaceAll('#', formatNumber(number, locale));
}

const moneyFormat = kept((locale: string, currency: string, fraction: number) => {
  const options = { style: 'currency', currency } as const;
  const usual = new Intl.NumberFormat(locale, options).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(locale, {
    ...options,
    minimumFractionDigits: usual,
    maximumFractionDigits: Math.min(Math.max(usual, fraction), 20),
    signDisplay: 'negative',
  });
});

/** A time zone that a person's record got wrong is no reason to hold back a mail: UTC then. */
const dayFormat = kept((locale: string, timeZone: string) => dateFormat(locale, timeZone, {}));
const momentFormat = kept((locale: string, timeZone: string) =>
  dateFormat(locale, timeZone, { timeStyle: 'short' }),
);

function dateFormat(locale: string, timeZone: string, more: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const options = { dateStyle: 'long', ...more } as const;
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  }
}

const pluralRules = kept((locale: string) => new Intl.PluralRules(locale));
const numberFormat = kept((locale: string) => new Intl.NumberFormat(locale));

function kept<Key extends (string | number)[], Format>(
  make: (...key: Key) => Format,
): (...key: Key) => Format {
  const formats = new Map<string, Format>();
  return (...key) => {
    const name = key.join('|');
    let format = formats.get(name);
    if (!format) {
      format = make(...key);
      if (formats.size < 1000) formats.set(name, format);
    }
    return format;
  };
}
