import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { PostriderError } from '../../sdk/src/index.js';
import { adminPage } from './admin-page.js';
import { change, readBasket, writeBasket } from './basket.js';
import { productOf } from './catalogue.js';
import type { Hooks } from './hooks.js';
import type { Html } from './html.js';
import { subscribe } from './newsletter.js';
import { steps } from './orders.js';
import { messagePage, shopPage, thanksPage } from './pages.js';
import type { Store } from './store.js';

const css = readFileSync(new URL('store.css', import.meta.url));

/** Everything that the store answers. */
export function storeRoutes(store: Store): RequestListener {
  return (request, response) => {
    answer(store, request, response).catch((error: unknown) => {
      const isKnown = error instanceof PostriderError;
      const status = isKnown ? (error.statusCode === 422 ? 422 : 502) : 500;
      page(response, messagePage('That did not work', isKnown ? error.message : String(error)), status);
    });
  };
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { orders, hooks, postrider, postriderUrl } = store;
  const { method = '', url = '/', headers } = request;
  const { pathname } = new URL(url, store.url);
  const [, first, second, third, fourth] = pathname.split('/');
  const basket = readBasket(headers.cookie);

  if (method === 'GET') {
    const order = first === 'orders' ? orders.find(second) : undefined;
    if (order) return page(response, thanksPage(order, postriderUrl));
    if (pathname === '/') return page(response, shopPage(basket));
    if (pathname === '/admin') return page(response, await adminPage(store));
    if (pathname === '/store.css')
      return void response.writeHead(200, { 'Content-Type': 'text/css' }).end(css);
  }
  if (method === 'POST') {
    const body = await text(request);
    if (pathname === '/hooks/postrider') return receive(hooks, body, request, response);
    // A form on somebody else's page is not ours.
    if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
      return page(response, messagePage('Not from here', 'This form belongs to another page.'), 403);
    const form = new URLSearchParams(body);
    const field = (name: string) => (form.get(name) ?? '').trim();
    const product = productOf(form.get('product'));
    const order = first === 'admin' && second === 'orders' ? orders.find(third) : undefined;
    const step = steps.find((one) => one === fourth);

    if (pathname === '/basket' && product) {
      const changed = change(basket, product, field('act') === 'remove' ? -1 : 1);
      return goTo(response, '/#basket', writeBasket(changed));
    }
    if (pathname === '/checkout' && basket.length > 0) {
      const { id } = await orders.place({ name: field('name'), email: field('email') }, basket);
      return goTo(response, `/orders/${id}`, writeBasket([]));
    }
    if (pathname === '/newsletter') {
      await subscribe(postrider, field('email'), {
        source: store.url,
        ip: request.socket.remoteAddress ?? '',
      });
      return page(
        response,
        messagePage('One more click', 'We sent you a mail: confirm in it, and our letters are yours.'),
      );
    }
    if (order && step) {
      await orders.tell(order, step);
      return goTo(response, '/admin');
    }
  }
  page(response, messagePage('Nothing here', 'This page does not exist.'), 404);
}

/** 401 where it is not from Postrider; it will try again, in case the secret was the mistake. */
async function receive(
  hooks: Hooks,
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isOurs = await hooks.receive(body, request.headers).then(
    () => true,
    () => false,
  );
  response.writeHead(isOurs ? 204 : 401).end();
}

function page(response: ServerResponse, { text }: Html, status = 200): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'self'; form-action 'self'",
    })
    .end(text);
}

function goTo(response: ServerResponse, location: string, cookie?: string): void {
  response
    .writeHead(303, { Location: location, ...(cookie !== undefined && { 'Set-Cookie': cookie }) })
    .end();
}
