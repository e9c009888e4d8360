/** Money as decimal strings. No float comes near an amount: what a shop sends is what its customer reads. */

/** Unit prices may be finer than the currency (0.0125 EUR a screw); sums may not. */
const FINEST_DIGITS = 6;
const MAX_WHOLE_DIGITS = 15;

const decimal = /^(-?)0*(\d+)(?:\.(\d+))?$/;
const currencies = new Set(Intl.supportedValuesOf('currency'));
const digitsByCurrency = new Map<string, number>();

export type ParsedMoney = { ok: true; amount: string } | { ok: false; problem: string };

/** Whether it is a code of ISO 4217, upper case. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDigits(currency: string): number {
  const known = digitsByCurrency.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  digitsByCurrency.set(currency, digits);
  return digits;
}

/**
 * Reads an amount into a decimal string with at least the currency's digits: `19.9` EUR → `19.90`, `19.9000` → `19.90`.
 * A JSON number is taken where its shortest decimal form fits the currency's digits; 0.1 + 0.2 does not.
 * @param finer takes strings with up to six digits after the point, for unit prices
 */
export function parseMoney(value: string | number, currency: string, finer = false): ParsedMoney {
  const match = decimal.exec(String(value));
  if (!match) return { ok: false, problem: 'must be a decimal amount, such as "19.90"' };
  const [, sign = '', whole = '', rest = ''] = match;
  if (whole.length > MAX_WHOLE_DIGITS)
    return { ok: false, problem: `has more than ${MAX_WHOLE_DIGITS} digits before the point` };
  const digits = currencyDigits(currency);
  const fraction = rest.replace(/0+$/, '');
  if (fraction.length > (finer && typeof value === 'string' ? FINEST_DIGITS : digits)) {
    return {
      ok: false,
      problem: `has more digits after the point than ${currency} has (${digits})${hint(value)}`,
    };
  }
  const padded = fraction.padEnd(digits, '0');
  const magnitude = padded === '' ? whole : `${whole}.${padded}`;
  return { ok: true, amount: /[1-9]/.test(magnitude) ? `${sign}${magnitude}` : magnitude };
}

/** An amount in millionths of its currency, which no amount that `parseMoney` takes is finer than. */
export function millionthsOf(amount: string | number): bigint {
  const [, sign = '', whole = '0', fraction = ''] = decimal.exec(String(amount)) ?? [];
  return BigInt(`${sign}${whole}${fraction.padEnd(FINEST_DIGITS, '0').slice(0, FINEST_DIGITS)}`);
}

function hint(value: string | number): string {
  return typeof value === 'number' ? '; send amounts as strings, a number may not be exact' : '';
}
