import type { IncomingHttpHeaders } from 'node:http';
import type { Postrider, WebhookEvent } from '../../sdk/src/index.js';

const KEPT = 30;

/** Receives what Postrider tells, and keeps the last of it. */
export class Hooks {
  readonly events: WebhookEvent[] = [];
  /** A message can come twice. */
  private readonly seen = new Set<string>();

  private constructor(
    private readonly postrider: Postrider,
    private readonly secret: string,
  ) {}

  /** Asks for webhooks to this address. The secret is shown once, so each start makes a new endpoint in place of the old one. */
  static async register(postrider: Postrider, url: string): Promise<Hooks> {
    const { data } = await postrider.webhooks.list({ limit: 100 });
    for (const old of data.filter((endpoint) => endpoint.url === url))
      await postrider.webhooks.remove(old.id);
    const { secret } = await postrider.webhooks.create({
      url,
      events: ['*'],
      description: 'The example store',
    });
    return new Hooks(postrider, secret);
  }

  /** @param body as it came @throws PostriderError where it is not from Postrider */
  async receive(body: string, headers: IncomingHttpHeaders): Promise<void> {
    const event = await this.postrider.webhooks.verify(body, headers, this.secret);
    const id = String(headers['webhook-id']);
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.events.unshift(event);
    this.events.splice(KEPT);
  }
}
