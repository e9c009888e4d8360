import { z } from 'zod';
import { isCurrency, longText, oneLine, parseMoney, webUrl } from '../../domain/index.js';

/** The fields of an order as a shop sends them. What is not named here is kept, for the shop's own templates. */

export const amount = z
  .union([z.string().max(40), z.number()], { error: 'must be a decimal amount, such as "19.90"' })
  .describe('A decimal string; a number where it is exact with the digits of the currency.');

export const day = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a day or a moment as ISO 8601, such as "2026-11-26"',
});

const addressPart = z.string().max(500).nullish();
const postalAddress = z
  .union(
    [
      z.string().max(2_000),
      z.array(z.string().max(500)).max(12),
      z.looseObject({
        name: addressPart,
        company: addressPart,
        line1: addressPart,
        line2: addressPart,
        city: addressPart,
        state: addressPart,
        postalCode: addressPart,
        country: addressPart,
      }),
    ],
    {
      error:
        'must be an array of lines, a string with line breaks, or {name, company, line1, line2, city, state, postalCode, country}',
    },
  )
  .nullish();

const item = z.looseObject({
  name: longText(500),
  quantity: z.number().positive().max(1_000_000),
  unitPrice: amount.nullish().describe('May be finer than the currency, up to six digits.'),
  price: amount.nullish().describe('The same as `unitPrice`.'),
  total: amount.nullish(),
  sku: z.string().max(200).nullish(),
  imageUrl: webUrl.nullish(),
  url: webUrl.nullish(),
  description: z.string().max(2_000).nullish(),
});

const sums = ['total', 'subtotal', 'shipping', 'tax', 'discount', 'fees'] as const;

const rawOrder = z.looseObject({
  id: oneLine(200),
  number: oneLine(100).describe('As the customer knows it.'),
  currency: z.string().refine(isCurrency, 'is not a currency of ISO 4217, such as "EUR"'),
  items: z.array(item).min(1).max(500),
  total: amount,
  subtotal: amount.nullish(),
  shipping: amount.nullish(),
  tax: amount.nullish(),
  discount: amount.nullish().describe('Shown as a reduction, whatever its sign.'),
  fees: amount.nullish().describe('What else was charged: payment fees, a tip; negative for a gift card.'),
  url: webUrl.nullish().describe('Where the customer sees the order.'),
  placedAt: z.iso.datetime({ offset: true }).nullish(),
  shippingAddress: postalAddress,
  billingAddress: postalAddress,
  note: z.string().max(5_000).nullish(),
});

/** With every amount as a decimal string and each item's price as `unitPrice`. */
export const orderFields = rawOrder.transform((order, context) => {
  const money = amountReader(order.currency, context);
  const charged = money(order, sums, []);
  const prices = order.items.map((item, index) => {
    const amounts = money(item, ['price', 'unitPrice', 'total'], ['items', index]);
    const { price, unitPrice = price, total } = amounts;
    if (price !== undefined && price !== unitPrice) {
      context.addIssue({
        code: 'custom',
        path: ['items', index, 'price'],
        message: 'differs from unitPrice, which is the same field',
      });
    }
    return { ...(unitPrice !== undefined && { unitPrice }), ...(total !== undefined && { total }) };
  });
  const items = order.items.map((item, index) => {
    const { price: _, ...rest } = item;
    return { ...rest, ...prices[index] };
  });
  return { ...order, ...charged, items };
});

type Amounts<Name extends string> = { readonly [name in Name]?: string };

/** Reads the named amounts of an object; one that is missing or null stays out. */
export function amountReader(currency: string, context: z.RefinementCtx) {
  return <Name extends string>(
    from: { readonly [name in Name]?: string | number | null | undefined },
    names: readonly Name[],
    path: (string | number)[],
  ): Amounts<Name> => {
    const amounts: { [name in Name]?: string } = {};
    for (const name of names) {
      const value = from[name];
      if (value === undefined || value === null) continue;
      const parsed = parseMoney(value, currency, name === 'unitPrice' || name === 'price');
      const problem = parsed.ok ? signProblem(name, path, parsed.amount) : parsed.problem;
      if (parsed.ok) amounts[name] = parsed.amount;
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: [...path, name], message: problem });
    }
    return amounts;
  };
}

/** Nobody is charged less than nothing; an order may cost nothing, but nobody is told that nothing was refunded. */
function signProblem(name: string, path: readonly (string | number)[], amount: string): string | undefined {
  if (name === 'amount' && path[0] === 'refund')
    return /^[^-]*[1-9]/.test(amount) ? undefined : 'must be more than 0';
  const isCharged = name === 'amount' || (name === 'total' && path.length === 0);
  return isCharged && amount.startsWith('-') ? 'must not be negative' : undefined;
}
