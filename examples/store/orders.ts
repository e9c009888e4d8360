import { randomInt, randomUUID } from 'node:crypto';
import type { OrderEventOf, Postrider } from '../../sdk/src/index.js';
import { decimal } from './catalogue.js';
import { sumOf, type Line } from './basket.js';

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly email: string;
  readonly lines: readonly Line[];
  /** When each thing happened: an event that is told again must say the same. */
  readonly times: { placed: string } & { [step in Step]?: string };
}

export const steps = ['paid', 'shipped', 'refunded'] as const;
export type Step = (typeof steps)[number];

const SHIPPING_CENTS = 490;
export const totalOf = ({ lines }: Pick<Order, 'lines'>): number => sumOf(lines) + SHIPPING_CENTS;

/** The orders of this run, newest first, and what Postrider is told about them: one call for each thing that happens. */
export class Orders {
  readonly all: Order[] = [];

  constructor(
    private readonly postrider: Postrider,
    private readonly storeUrl: string,
  ) {}

  /**
   * A shop with a database saves its order first and then makes this call until it is answered: the event's id makes one mail of it.
   * @throws PostriderError
   */
  async place(customer: { name: string; email: string }, lines: readonly Line[]): Promise<Order> {
    const number = String(randomInt(10_000, 100_000));
    const times = { placed: new Date().toISOString() };
    const order: Order = { id: randomUUID(), number, ...customer, lines, times };
    await this.postrider.orders.placed(this.event(order, 'placed'));
    this.all.unshift(order);
    return order;
  }

  /** @throws PostriderError */
  async tell(order: Order, step: Step): Promise<void> {
    const { orders } = this.postrider;
    const event = this.event(order, step);
    const method = 'Visa, •••• 4242';
    if (step === 'paid') await orders.paid({ ...event, payment: { method } });
    if (step === 'refunded') await orders.refunded({ ...event, refund: { method } });
    if (step === 'shipped') {
      const trackingNumber = `UJ4288${order.number}SE`;
      await orders.shipped({ ...event, shipment: { id: 'parcel-1', carrier: 'PostNord', trackingNumber } });
    }
  }

  find(id: string | undefined): Order | undefined {
    return this.all.find((order) => order.id === id);
  }

  private event(order: Order, what: 'placed' | Step): OrderEventOf<'order.placed'> {
    const { id, number, name, email, lines, times } = order;
    return {
      id: `${id}:${what}`,
      occurredAt: (times[what] ??= new Date().toISOString()),
      customer: { email, name },
      order: {
        id,
        number,
        placedAt: times.placed,
        currency: 'EUR',
        items: lines.map(({ product, quantity }) => ({
          name: product.name,
          description: product.about,
          quantity,
          unitPrice: decimal(product.cents),
        })),
        subtotal: decimal(sumOf(lines)),
        shipping: decimal(SHIPPING_CENTS),
        total: decimal(totalOf(order)),
        url: `${this.storeUrl}/orders/${id}`,
      },
    };
  }
}
