import { millionthsOf } from './money.js';

/** Whether the sums of an order add up, as its customer would check them. Decimal strings in, no float anywhere. */

const SCALE = 6;

export interface OrderSums {
  readonly total: string;
  readonly subtotal?: string | null | undefined;
  readonly shipping?: string | null | undefined;
  readonly tax?: string | null | undefined;
  readonly discount?: string | null | undefined;
  /** Whatever else was charged: payment fees, tips, gift wrapping; negative for a gift card. */
  readonly fees?: string | null | undefined;
  readonly items: readonly {
    readonly quantity: number;
    readonly unitPrice?: string | null | undefined;
    readonly total?: string | null | undefined;
  }[];
}

/**
 * Shops differ in whether tax is in their prices, and whether a discount is in their lines, so every reading that a customer could
 * accept is accepted. What fits none of them is a mistake that should not reach anybody's inbox.
 * @param digits of the currency after the point
 * @returns the total that the other sums give, where the stated one fits no reading; undefined where all is well or nothing can be said
 */
export function expectedTotal(order: OrderSums, digits: number): string | undefined {
  const lines = linesOf(order);
  const bases = [order.subtotal ? units(order.subtotal) : undefined, lines].filter(
    (base) => base !== undefined,
  );
  if (bases.length === 0) return undefined;
  const extra = units(order.shipping) + units(order.fees);
  const discount = absolute(units(order.discount));
  const readings = bases.flatMap((base) =>
    [0n, units(order.tax)].flatMap((tax) => [0n, discount].map((less) => base + extra + tax - less)),
  );
  // Each line may be rounded by half of the currency's least unit, and so may the sum.
  const tolerance = (BigInt(order.items.length + 1) * 10n ** BigInt(SCALE - digits)) / 2n;
  const total = units(order.total);
  if (readings.some((reading) => absolute(reading - total) <= tolerance)) return undefined;
  return written(bases[0]! + extra + units(order.tax) - discount, digits);
}

/** Undefined where one of the items has no price. */
function linesOf({ items }: OrderSums): bigint | undefined {
  let sum = 0n;
  for (const { quantity, unitPrice, total } of items) {
    if (total) sum += units(total);
    else if (unitPrice) sum += (units(unitPrice) * millionths(quantity)) / 1_000_000n;
    else return undefined;
  }
  return sum;
}

/** A quantity may be a part of something, such as 0.75 kg. */
function millionths(quantity: number): bigint {
  return BigInt(Math.round(quantity * 1_000_000));
}

/** What is not there is nothing. */
function units(amount: string | null | undefined): bigint {
  return amount ? millionthsOf(amount) : 0n;
}

function written(value: bigint, digits: number): string {
  const text = absolute(value)
    .toString()
    .padStart(SCALE + 1, '0');
  const fraction = text.slice(-SCALE).slice(0, digits);
  return `${value < 0n ? '-' : ''}${text.slice(0, -SCALE)}${fraction && `.${fraction}`}`;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
