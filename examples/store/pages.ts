import { sumOf, type Line } from './basket.js';
import { decimal, products } from './catalogue.js';
import { html, type Html } from './html.js';
import { consent } from './newsletter.js';
import { totalOf, type Order } from './orders.js';

export const price = (cents: number): string => `€ ${decimal(cents)}`;

/** Every page of the store. */
export function layout(title: string, main: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Juniper &amp; Moss</title>
        <link rel="stylesheet" href="/store.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <header>
          <a class="name" href="/">Juniper &amp; Moss</a>
          <nav><a href="/#basket">Basket</a><a href="/admin">Admin</a></nav>
        </header>
        <main>${main}</main>
        <footer>
          <form class="letter" method="post" action="/newsletter">
            <label for="letter">Letters from the shop</label>
            <div class="row">
              <input
                id="letter"
                type="email"
                name="email"
                placeholder="you@example.com"
                autocomplete="email"
                required
              /><button>Subscribe</button>
            </div>
            <p>${consent}</p>
          </form>
        </footer>
      </body>
    </html>`;
}

export function shopPage(basket: readonly Line[]): Html {
  return layout(
    'The shop',
    html`<h1>Things that stay</h1>
      <p class="lead">Made in small numbers, for kitchens that are used.</p>
      <ul class="products">
        ${products.map(
          ({ id, name, about, cents, picture }) =>
            html` <li class="card">
              <svg viewBox="0 0 160 140" aria-hidden="true">${picture}</svg>
              <h2>${name}</h2>
              <p>${about}</p>
              <form class="row" method="post" action="/basket">
                <span class="price">${price(cents)}</span
                ><button name="product" value="${id}" aria-label="Add ${name}">Add</button>
              </form>
            </li>`,
        )}
      </ul>
      <section id="basket" class="card">
        <h2>Basket</h2>
        ${basket.length === 0 ? html`<p class="quiet">Nothing in it yet.</p>` : checkout(basket)}
      </section>`,
  );
}

function checkout(basket: readonly Line[]): Html {
  return html`<form method="post" action="/basket">
      <input type="hidden" name="act" value="remove" />
      <table>
        ${basket.map(
          ({ product: { id, name, cents }, quantity }) =>
            html` <tr>
              <td>${quantity} × ${name}</td>
              <td class="price">${price(cents * quantity)}</td>
              <td>
                <button class="small" name="product" value="${id}" aria-label="One ${name} less">−</button>
              </td>
            </tr>`,
        )}
        <tr class="quiet">
          <td>Shipping</td>
          <td class="price">${price(totalOf({ lines: basket }) - sumOf(basket))}</td>
          <td></td>
        </tr>
        <tr class="total">
          <td>Total</td>
          <td class="price">${price(totalOf({ lines: basket }))}</td>
          <td></td>
        </tr>
      </table>
    </form>
    <form class="checkout" method="post" action="/checkout">
      <label>Name<input name="name" autocomplete="name" required maxlength="200" /></label>
      <label>Email<input type="email" name="email" autocomplete="email" required /></label>
      <button class="main">Place the order</button>
    </form>`;
}

export function thanksPage({ number, email }: Order, postriderUrl: string): Html {
  return layout(
    'Thank you',
    html`<h1>Thank you</h1>
      <p class="lead">Order ${number} is placed. The confirmation is on its way to ${email}.</p>
      <p class="row start">
        <a class="button" href="${postriderUrl}/inbox">Read it in the inbox</a
        ><a href="/admin">What the shop sees</a>
      </p>`,
  );
}

export function messagePage(title: string, message: string): Html {
  return layout(
    title,
    html`<h1>${title}</h1>
      <p class="lead">${message}</p>
      <p><a href="/">Back to the shop</a></p>`,
  );
}
