import { productOf, type Product } from './catalogue.js';

export interface Line {
  readonly product: Product;
  readonly quantity: number;
}

const MOST = 20;

/** The basket lives in a cookie, `bowl.1-towel.3`: what does not read so is not in it. */
export function readBasket(cookies: string | undefined): Line[] {
  const value = /(?:^|;\s*)basket=([^;]*)/.exec(cookies ?? '')?.[1] ?? '';
  return value.split('-').flatMap((part) => {
    const [id = '', count] = part.split('.');
    const product = productOf(id);
    const quantity = Number(count);
    return product && quantity > 0 && quantity <= MOST && Number.isInteger(quantity)
      ? [{ product, quantity }]
      : [];
  });
}

/** As a Set-Cookie header. */
export function writeBasket(lines: readonly Line[]): string {
  const value = lines.map(({ product, quantity }) => `${product.id}.${quantity}`).join('-');
  return `basket=${value}; Path=/; HttpOnly; SameSite=Lax`;
}

/** @param by 1 or -1 */
export function change(lines: readonly Line[], product: Product, by: number): Line[] {
  const known = lines.some((line) => line.product === product);
  return (known ? lines : [...lines, { product, quantity: 0 }])
    .map((line) =>
      line.product === product ? { product, quantity: Math.min(MOST, line.quantity + by) } : line,
    )
    .filter(({ quantity }) => quantity > 0);
}

export function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { product, quantity }) => sum + product.cents * quantity, 0);
}
