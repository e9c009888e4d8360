import type { Order as Timeline, WebhookEvent } from '../../sdk/src/index.js';
import { html, type Html } from './html.js';
import { steps, totalOf, type Order } from './orders.js';
import { layout, price } from './pages.js';
import type { Store } from './store.js';

/** The orders of this run, each with its mails, and what Postrider told. @throws PostriderError */
export async function adminPage({ postrider, orders, hooks, postriderUrl }: Store): Promise<Html> {
  const timelines = await Promise.all(orders.all.map(({ id }) => postrider.orders.get(id)));
  return layout(
    'Admin',
    html`<h1>Orders</h1>
      <p class="row start"><a href="/admin">Look again</a><a href="${postriderUrl}/inbox">Inbox</a></p>
      ${orders.all.length === 0 ? html`<p class="quiet">No orders yet. <a href="/">Buy something.</a></p>` : null}
      ${orders.all.map((order, index) => orderCard(order, timelines[index]?.events ?? []))}
      <h2>Webhooks</h2>
      ${
        hooks.events.length === 0
          ? html`<p class="quiet">Nothing has come yet.</p>`
          : html`<ol class="events">
              ${hooks.events.map(webhookRow)}
            </ol>`
      }`,
  );
}

function orderCard(order: Order, events: Timeline['events']): Html {
  const { id, number, name, email } = order;
  const told = new Set<string>(events.map(({ type }) => type));
  return html`<article class="card">
    <h2>${number} <span class="price">${price(totalOf(order))}</span></h2>
    <p class="quiet">${name}, ${email}</p>
    <ol class="events">
      ${events.map(
        ({ type, email, status, reason }) =>
          html` <li>
            <b>${type}</b> <span>${email ? (email.subject ?? '') : `no mail: ${reason ?? status}`}</span>
            <i class="${email?.state ?? 'none'}">${email?.state ?? ''}</i>
          </li>`,
      )}
    </ol>
    <div class="row start">
      ${steps.map(
        (step) =>
          html`<form method="post" action="/admin/orders/${id}/${step}">
            ${told.has(`order.${step}`) ? html`<button disabled>${step}</button>` : html`<button>${step}</button>`}
          </form>`,
      )}
    </div>
  </article>`;
}

function webhookRow({ type, timestamp, data }: WebhookEvent): Html {
  const told: Readonly<Record<string, unknown>> = data;
  const about = [told['to'], told['email'], told['orderNumber']].find((one) => typeof one === 'string');
  return html` <li>
    <b>${type}</b> <span>${about ?? ''}</span>
    <time datetime="${timestamp}">${timestamp.slice(11, 19)}</time>
  </li>`;
}
