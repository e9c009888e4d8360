import { html, type Html } from './html.js';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly cents: number;
  readonly picture: Html;
}

export const products: readonly Product[] = [
  {
    id: 'bowl',
    name: 'Walnut serving bowl',
    about: 'Turned by hand, oiled twice.',
    cents: 8_900,
    picture: html`<path class="dark" d="M28 62h104a52 46 0 0 1-104 0z" /><ellipse
        class="mid"
        cx="80"
        cy="62"
        rx="52"
        ry="11"
      /><ellipse class="deep" cx="80" cy="64" rx="43" ry="7" /><path class="dark" d="M62 105h36l4 8H58z" />`,
  },
  {
    id: 'towel',
    name: 'Linen tea towel',
    about: 'Undyed, softer every wash.',
    cents: 1_450,
    picture: html`<path class="light" d="M50 30h60v84l-8-4-7 4-8-4-7 4-8-4-7 4-8-4-7 4z" /><path
        class="mid"
        d="M50 84h60v6H50zM50 94h60v3H50z"
      /><path class="deep" d="M77 24h6v10h-6z" />`,
  },
  {
    id: 'candles',
    name: 'Beeswax candles, four',
    about: 'They smell of honey.',
    cents: 2_600,
    picture: html`<path
        class="mid"
        d="M44 62h14v52H44zM64 50h14v64H64zM84 56h14v58H84zM104 68h14v46h-14z"
      /><path
        class="flame"
        d="M51 40q9 12 0 18q-9-6 0-18zM71 28q9 12 0 18q-9-6 0-18zM91 34q9 12 0 18q-9-6 0-18zM111 46q9 12 0 18q-9-6 0-18z"
      />`,
  },
];

export const productOf = (id: string | null): Product | undefined => products.find((one) => one.id === id);

/** A decimal string, as Postrider wants every amount. */
export const decimal = (cents: number): string => (cents / 100).toFixed(2);
